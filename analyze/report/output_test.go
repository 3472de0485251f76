package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"wshake/analyze/event"
)

var errPipe = errors.New("nobody reads on")

// pipe fails from the second write on.
type pipe struct{ writes int }

func (p *pipe) Write(b []byte) (int, error) {
	if p.writes++; p.writes > 1 {
		return 0, errPipe
	}
	return len(b), nil
}

// The first write error is kept, and nothing is written after it.
func TestWriteErrorsStick(t *testing.T) {
	for name, make := range allOutputs(Options{Show: event.AllKinds}) {
		t.Run(name, func(t *testing.T) {
			p := new(pipe)
			w := make(p)
			for range 300 {
				tell(w)
			}
			if err := w.Flush(); !errors.Is(err, errPipe) || !errors.Is(w.Err(), errPipe) {
				t.Errorf("Flush gives %v, Err %v", err, w.Err())
			}
			if p.writes != 2 {
				t.Errorf("%d writes", p.writes)
			}
		})
	}
}

func allOutputs(o Options) map[string]func(io.Writer) writer {
	outputs := textOutputs(o)
	outputs["json"] = jsonOutput(o)
	return outputs
}

// What was shown before a pause is a beginning of the whole, and a table's later rows keep to its widths.
func TestPauseShowsWhatWasSeen(t *testing.T) {
	for name, make := range allOutputs(Options{Show: event.AllKinds}) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := make(&b)
			w.Handshake(established())
			if err := w.Pause(); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), "127.0.0.1:47328") {
				t.Errorf("the pause shows %q", b.String())
			}
			before := b.String()
			w.Handshake(established())
			if err := w.Pause(); err != nil || !strings.HasPrefix(b.String(), before) || b.Len() == len(before) {
				t.Errorf("%v: then %q", err, b.String())
			}
		})
	}
}

// The rows that table.row prints are the rows that tablewriter prints.
func TestStreamedRowsLookLikeTheBlock(t *testing.T) {
	for _, o := range []Options{{}, {Width: 80}, {Width: 120}, {Width: 200}, {Width: 200, Color: true}} {
		o.Show = event.KindHandshake
		t.Run(fmt.Sprintf("width %d, color %t", o.Width, o.Color), func(t *testing.T) {
			var b bytes.Buffer
			w := NewText(&b, o)
			rows := []*event.Handshake{established(), invalid(), refused(), incomplete(), other()}
			for i := range learnt + len(rows) {
				w.Handshake(rows[i%len(rows)])
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(b.String(), "\n")[1:]
			for i := range rows {
				if block, streamed := lines[i], lines[learnt+i]; block != streamed {
					t.Errorf("tablewriter prints %q, row %q", block, streamed)
				}
			}
		})
	}
}

// other has cells of every kind of width.
func other() *event.Handshake {
	h := established()
	h.Verdict = event.OtherUpgrade
	h.Request.Fields = fields([]string{"Host: 世界.example"})
	h.Protocol = event.Some("e\u0301\x01 ")
	h.Findings = nil
	return h
}

// A table of very many rows holds back only the first.
func TestRowsAreStreamed(t *testing.T) {
	v := newOverview(io.Discard, Options{Show: event.AllKinds})
	for range 10 * learnt {
		v.Handshake(established())
		v.Connection(&over)
		v.Finding(mismatch)
		v.Caveat(&gap)
	}
	if len(v.handshakes.held)+len(v.handshakes.waiting) > window || len(v.connections.held) != connectionsListed || len(v.findings.stories) != 1 || len(v.findings.stories[0].cases) != casesShown || len(v.caveats.kinds) != 1 {
		t.Error("more is kept than will be printed")
	}
	if cap(v.buf) > 2*writeAt {
		t.Errorf("the buffer grew to %d octets", cap(v.buf))
	}
}

func TestManyOfAKindAreCounted(t *testing.T) {
	var b bytes.Buffer
	w := NewText(&b, Options{Show: overviewKinds})
	for range 1000 {
		w.Handshake(established())
		w.Connection(&over)
		w.Finding(mismatch)
		w.Caveat(&gap)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"… and 997 more of the same cause, packets 12, 12, 12, 12, 12, … (--all lists them)\n", "… and 801 more connections: --show connections lists them all\n",
		"caveat gap, 1,000 times, 12.0 kB; the first: "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(b.String(), "advice:"); n != 1 {
		t.Errorf("the advice is given %d times", n)
	}
}
