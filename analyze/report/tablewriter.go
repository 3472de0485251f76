package report

import (
	"bytes"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// block prints the titles and rows of a table of known size. It is for hundreds of rows, not for thousands.
func (t *table) block(titles []cell, rows [][]cell) {
	var drawn bytes.Buffer
	perColumn := tw.NewMapper[int, int]()
	for _, w := range t.widths {
		if w > 0 {
			perColumn.Set(perColumn.Len(), w+len(gutter))
		}
	}
	w := tablewriter.NewTable(&drawn,
		tablewriter.WithRendition(tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone}}),
		tablewriter.WithPadding(tw.Padding{Right: gutter, Overwrite: true}),
		tablewriter.WithColumnWidths(perColumn),
		tablewriter.WithHeaderAutoFormat(tw.Off), // keeps their case
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithEastAsian(tw.Off), // as columns counts, whatever the locale
	)
	w.Header(t.cells(titles))
	for _, row := range rows {
		if err := w.Append(t.cells(row)); err != nil {
			t.out.fail(err)
			return
		}
	}
	if err := w.Render(); err != nil {
		t.out.fail(err)
		return
	}
	for line := range bytes.Lines(drawn.Bytes()) {
		// tablewriter resets colours once more behind the blanks that fill a cell.
		line = bytes.ReplaceAll(line, []byte(" "+reset), []byte(" "))
		t.out.keep(append(trimBlanks(append(t.out.buf, line[:len(line)-1]...)), '\n'))
	}
}

// cells are the painted texts of the columns that are shown.
func (t *table) cells(row []cell) []string {
	var texts []string
	for i, c := range row {
		if t.widths[i] > 0 {
			texts = append(texts, string(t.out.paint(nil, c.tint, t.shown(i, c))))
		}
	}
	return texts
}
