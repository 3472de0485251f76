package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/pipeline"
	"wshake/cmd/wshake-beam/internal/table"
	"wshake/testdata/need"
)

// columnsOf is what the columns of an event are, from its JSON.
func columnsOf(t testing.TB, line, host string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var event map[string]any
	if err := d.Decode(&event); err != nil {
		t.Fatalf("%v: %.300s", err, line)
	}
	for _, outer := range []string{"close", "follows"} {
		if inside, ok := event[outer].(map[string]any); ok {
			for key, v := range inside {
				event[outer+"_"+key] = v
			}
		}
	}
	delete(event, "host")
	if host != "" {
		event["host"] = host
	}
	event["line"] = line
	row := make(map[string]any)
	for _, c := range table.Columns() {
		v := event[c.Name]
		fits := false
		switch v := v.(type) {
		case string:
			fits = c.Type == table.Text
			if c.Type == table.Time {
				at, err := time.Parse(time.RFC3339, v)
				if err != nil {
					t.Error(err)
				}
				row[c.Name] = at.UnixMicro()
			}
		case json.Number:
			n, err := v.Int64()
			if c.Type == table.Integer && err == nil {
				row[c.Name] = n
			}
			if c.Type == table.Text {
				row[c.Name] = v.String()
			}
		case bool:
			fits = c.Type == table.Boolean
		}
		if fits {
			row[c.Name] = v
		}
	}
	return row
}

// hostOf is the host in the name of a file's directory, "" also where that is of others.
func hostOf(t testing.TB, name string) string {
	t.Helper()
	_, escaped, found := strings.Cut(filepath.Dir(name), "host=")
	host, err := url.PathUnescape(escaped)
	if !found || err != nil || host == ".OTHERS" {
		host = ""
	}
	return host
}

// rowsOf reads a file of Parquet with the library that wrote it.
func rowsOf(t testing.TB, path string) (rows []map[string]any, groups int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	columns := table.Columns()
	for _, group := range file.RowGroups() {
		in := group.Rows()
		buffer := make([]parquet.Row, 16)
		for {
			n, err := in.ReadRows(buffer)
			for _, values := range buffer[:n] {
				row := make(map[string]any)
				for _, v := range values {
					switch c := columns[v.Column()]; {
					case v.IsNull():
					case c.Type == table.Text:
						row[c.Name] = string(v.ByteArray())
					case c.Type == table.Boolean:
						row[c.Name] = v.Boolean()
					default:
						row[c.Name] = v.Int64()
					}
				}
				rows = append(rows, row)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		in.Close()
	}
	return rows, len(file.RowGroups())
}

// sameRows compares the files of Parquet below a directory with those of NDJSON beside them.
func sameRows(t testing.TB, dir string, files map[string][]string) {
	t.Helper()
	for name, lines := range files {
		path := filepath.Join(dir, strings.TrimSuffix(name, ".ndjson")+".parquet")
		if name == "problems.ndjson" {
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s: problems are no events", path)
			}
			continue
		}
		rows, _ := rowsOf(t, path)
		if len(rows) != len(lines) {
			t.Errorf("%s: %d rows of %d lines", name, len(rows), len(lines))
			continue
		}
		for i, line := range lines {
			if strings.Contains(name, "/host=.OTHERS/") {
				delete(rows[i], "host") // see sameHosts
			}
			if want := columnsOf(t, line, hostOf(t, name)); !reflect.DeepEqual(rows[i], want) {
				t.Errorf("%s: row %d is\n%.900v\nwant\n%.900v", name, i, rows[i], want)
				break
			}
		}
	}
}

// duckDB prints the rows of all files of Parquet with a name of that pattern, each as an object, with the day of its
// directory.
const duckDB = `
const {DuckDBInstance} = require('@duckdb/node-api');
(async () => {
  const db = await (await DuckDBInstance.create()).connect();
  const rows = await db.runAndReadAll("select * replace (epoch_us(time) as time) from read_parquet('" +
    process.argv[1] + "', hive_partitioning=true, hive_types_autocast=false)");
  for (const row of rows.getRowObjectsJson()) console.log(JSON.stringify(row));
})();`

// sameForDuckDB compares the rows that another implementation reads with the lines.
func sameForDuckDB(t *testing.T, pattern string, files map[string][]string) {
	t.Helper()
	t.Run("DuckDB", func(t *testing.T) { compareDuckDB(t, pattern, files) })
}

func compareDuckDB(t *testing.T, pattern string, files map[string][]string) {
	var want []string
	for name, lines := range files {
		if !strings.Contains(name, "=") {
			continue
		}
		for _, line := range lines {
			row := columnsOf(t, line, hostOf(t, name))
			row["day"] = strings.TrimPrefix(filepath.Base(filepath.Dir(filepath.Dir(name))), "day=")
			want = append(want, rowText(row))
		}
	}
	sameTexts(t, "DuckDB", scripted(t, "@duckdb/node-api", duckDB, pattern), want)
}

// rowText is a row as text. Some programs give large numbers as texts.
func rowText(row map[string]any) string {
	for key, v := range row {
		if v == nil {
			delete(row, key)
		} else {
			row[key] = fmt.Sprint(v)
		}
	}
	b, _ := json.Marshal(row)
	return string(b)
}

// scripted gives the rows that a script of node prints, each an object in a line. It needs a package.
func scripted(t *testing.T, name, script string, args ...string) (rows []string) {
	t.Helper()
	node := need.Program(t, "node")
	if exec.Command(node, "-e", "require('"+name+"')").Run() != nil {
		need.Lacking(t, "node finds no package "+name+"; NODE_PATH may name the folder of packages where it is")
	}
	cmd := exec.Command(node, append([]string{"-e", script}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(out) {
		var row map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, rowText(row))
	}
	return rows
}

// sameTexts compares rows in any order.
func sameTexts(t *testing.T, reader string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				got, want = got[i:], want[i:]
				break
			}
		}
		t.Errorf("%s reads %d rows of %d events, from the first that differ\n%.1500s\nwant\n%.1500s", reader, len(got),
			len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Hosts and values as whoever sends them may choose them; a file with several row groups, and one that is written
// twice.
func TestParquet(t *testing.T) {
	var lines []part.Line
	add := func(host, text string) {
		lines = append(lines, part.Line{Host: host, Time: 1764300000_123456789, Count: uint32(len(lines)),
			Text: []byte(text)})
	}
	for _, host := range []string{"example.com:80", "", "../../../etc/passwd", "..", ".", "a/b\\c", "nul\x00", "größe",
		"%41",
		"x/host=y", "a'b\"c", strings.Repeat("long", 200), strings.Repeat("é", 300), "\xff\xfe"} {
		for _, text := range []string{
			`{"type":"handshake","time":"2026-11-28T03:20:00.123456789Z","conn":"1:abc=@t","status":101,` +
				`"host":"Other"}`,
			`{"type":"connection","tls":{},"close":{"from":"client","code":1000,"reason":"","answered":true}}`,
			`{"type":"frame","tls":true,"close_code":1000,"close_reason":""}`,
			`{"type":"connection","close":null,"bytes":18446744073709551615,"conn":17,"findings":["a"]}`,
			`{"type":"frame","length":9223372036854775808,"text":"a\u0000b\ud800 😀","fin":true,"offset":-1}`,
			`{"type":"finding","follows":{"conn":"1:abc=@t","name":"accept-wrong"},"seen":"",` +
				`"wanted":null,"level":"error"}`,
			`{"type":"finding","status":"101","time":"1969-12-31T23:59:59.999999999Z","name":7,"complete":"true"}`,
		} {
			add(host, text)
		}
	}
	for i := range 500 {
		add("large", fmt.Sprintf(`{"type":"handshake","status":%d,"uri":"/%s"}`, i, strings.Repeat("x", i)))
	}
	dir := t.TempDir()
	const both = pipeline.NDJSON | pipeline.Parquet
	if err := pipeline.WriteLines(dir, both, 10_000, lines); err != nil {
		t.Fatal(err)
	}
	files, before := written(dir), make(map[string][]byte)
	all := make(map[string][]string)
	n := 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		all[name] = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		n += len(all[name])
		path = strings.TrimSuffix(path, ".ndjson") + ".parquet"
		if before[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if n != len(lines) {
		t.Errorf("%d lines, want %d", n, len(lines))
	}
	sameRows(t, dir, all)
	large, _ := filepath.Glob(dir + "/day=*/host=large/events.parquet")
	if len(large) != 1 {
		t.Fatal(large)
	}
	if rows, groups := rowsOf(t, large[0]); len(rows) != 500 || groups < 10 {
		t.Errorf("%d rows in %d groups", len(rows), groups)
	}
	slices.Reverse(lines) // in another order, and some of them twice, with little memory
	defer pipeline.SortInLittle()()
	if err := pipeline.WriteLines(dir, pipeline.Parquet, 10_000, append(lines, lines[:50]...)); err != nil {
		t.Fatal(err)
	}
	for path, b := range before {
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(b, again) {
			t.Errorf("%s is another file when it is written again: %v", path, err)
		}
	}
	sameForDuckDB(t, dir+"/*/*/*.parquet", all)
}

// A partition that is too large for a file of Parquet is in several, in their order.
func TestParquetFiles(t *testing.T) {
	defer pipeline.SplitParquet(30_000)()
	defer pipeline.SortInLittle()()
	var lines []part.Line
	size := 0
	for i := range 1000 {
		text := fmt.Sprintf(`{"type":"handshake","status":%d,"uri":"/%s"}`, i, strings.Repeat("x", i%200))
		size += len(text)
		lines = append(lines, part.Line{Host: "large", Count: uint32(i), Text: []byte(text)})
	}
	dir := t.TempDir()
	if err := pipeline.WriteLines(dir, pipeline.Parquet, 10_000, lines); err != nil {
		t.Fatal(err)
	}
	var got []string
	files := 0
	for {
		path := dir + "/day=1970-01-01/host=large/events.parquet"
		if files > 0 {
			path = fmt.Sprintf("%s/day=1970-01-01/host=large/events-%d.parquet", dir, files+1)
		}
		if _, err := os.Stat(path); err != nil {
			break
		}
		files++
		rows, _ := rowsOf(t, path)
		for _, row := range rows {
			got = append(got, row["line"].(string))
		}
	}
	want := make([]string, len(lines))
	for i := range lines {
		want[i] = string(lines[i].Text)
	}
	if !slices.Equal(got, want) || files != size/30_000+1 {
		t.Errorf("%d lines in %d files, want %d of %d octets", len(got), files, len(want), size)
	}
}
