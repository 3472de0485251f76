package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"wshake/testdata/need"
)

// mainRecordings are those that evidence files are compared for.
var mainRecordings = []string{"node-ws", "nginx-default", "refused-401", "close-codes", "graphql-ws", "chromium-deflate", "h2c-streams"}

// allFiles asks for every evidence file of one pass, in dir.
func allFiles(dir string) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	args := []string{"--har", in("archive.har"), "--payload", "4096", "--all-findings"}
	for _, a := range []string{"json:handshakes,messages,findings=all.ndjson", "zeek=websocket.log", "eve=eve.json", "sarif=findings.sarif",
		"ecs:handshakes,messages,connections,findings=ecs.json", "csv=handshakes.csv", "csv:messages=messages.csv", "csv:findings=findings.csv",
		"tsv:messages=messages.tsv", "tsv:connections=connections.tsv"} {
		form, name, _ := strings.Cut(a, "=")
		args = append(args, "--also", form+"="+in(name))
	}
	return args
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// counts are how many handshakes, messages and findings a file holds.
type counts struct{ handshakes, messages, findings int }

// countEvidence counts what is in the files of allFiles; what a file does not claim to hold is -1.
func countEvidence(t *testing.T, dir string) map[string]counts {
	t.Helper()
	got := make(map[string]counts)
	var archive struct {
		Log struct {
			Entries []struct {
				Messages []struct{ Type string } `json:"_webSocketMessages"`
				Ours     struct {
					Verdict string
				} `json:"_wshake"`
			}
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "archive.har"))), &archive); err != nil {
		t.Fatal(err)
	}
	n := counts{findings: -1}
	for _, e := range archive.Log.Entries {
		if e.Ours.Verdict != "" {
			n.handshakes++
		}
		n.messages += len(e.Messages)
	}
	got["archive.har"] = n
	lines := func(name string, kind func(line map[string]any) string) {
		var n counts
		for line := range strings.Lines(readFile(t, filepath.Join(dir, name))) {
			var e map[string]any
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			switch kind(e) {
			case "handshake", "http":
				n.handshakes++
			case "message", "websocket":
				n.messages++
			case "finding", "anomaly":
				n.findings++
			}
		}
		got[name] = n
	}
	lines("all.ndjson", func(e map[string]any) string { return e["type"].(string) })
	lines("eve.json", func(e map[string]any) string { return e["event_type"].(string) })
	lines("ecs.json", func(e map[string]any) string { return e["event"].(map[string]any)["action"].(string) })
	n = counts{0, -1, -1}
	for line := range strings.Lines(readFile(t, filepath.Join(dir, "websocket.log"))) {
		if !strings.HasPrefix(line, "#") {
			n.handshakes++
		}
	}
	got["websocket.log"] = n
	var log struct {
		Runs []struct{ Results []any }
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "findings.sarif"))), &log); err != nil {
		t.Fatal(err)
	}
	got["findings.sarif"] = counts{-1, -1, len(log.Runs[0].Results)}
	rows := func(name string) int {
		all, err := csv.NewReader(strings.NewReader(readFile(t, filepath.Join(dir, name)))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return len(all) - 1
	}
	got["handshakes.csv"] = counts{rows("handshakes.csv"), -1, -1}
	got["messages.csv"] = counts{-1, rows("messages.csv"), -1}
	got["findings.csv"] = counts{-1, -1, rows("findings.csv")}
	got["messages.tsv"] = counts{-1, strings.Count(readFile(t, filepath.Join(dir, "messages.tsv")), "\n") - 1, -1}
	return got
}

// Every handshake, message and finding of a recording is in each file that claims to hold it.
func TestEvidenceIsWhole(t *testing.T) {
	files := captures(t)
	if need.Brief() {
		files = nil
		for _, name := range mainRecordings {
			files = append(files, recording(name))
		}
	}
	hostile := writeDialogue(t, hostileNames)
	for _, path := range append(files, hostile) {
		dir := t.TempDir()
		args := append(allFiles(dir), path)
		if keys := strings.TrimSuffix(path, ".pcapng") + ".keys"; exists(keys) {
			args = append(args, "--keylog", keys)
		}
		status, _, errs := wshake(args...)
		if status != exitDone || errs != "" {
			t.Errorf("%s: status %d, %s", path, status, errs)
			continue
		}
		all := countEvidence(t, dir)
		want := all["all.ndjson"]
		for name, n := range all {
			if n.handshakes >= 0 && n.handshakes != want.handshakes || n.messages >= 0 && n.messages != want.messages || n.findings >= 0 && n.findings != want.findings {
				t.Errorf("%s: %s has %+v, and there are %+v", path, name, n, want)
			}
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// hostileNames is a conversation whose names would break a form that takes them as they are.
const hostileNames = `conn 1: 10.0.0.1:4001 > 10.0.0.2:80
-- client --
GET /a"b,c?x=%zz&=1&<script>\ HTTP/1.1
Host: ../../etc/"passwd",
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
User-Agent: -
Origin: =cmd|' /C calc'!A0
Cookie: a="b; c=d
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}
-- client frames --
text "=1+1,\"x\"\t\n\r\u202e\u009b"
text "}]}\u0000"
-- server frames --
binary "\xff\x00"
text "@SUM(1)"
close 1000 "\"\n"
`

// Evidence files are as they were when somebody last read them, whatever else is asked for.
func TestEvidenceGolden(t *testing.T) {
	for _, name := range mainRecordings[:5] { // the others are long
		dir := t.TempDir()
		path := recording(name)
		if status, _, errs := wshake(append(allFiles(dir), path)...); status != exitDone || errs != "" {
			t.Errorf("%s: status %d, %s", name, status, errs)
		}
		for _, form := range []string{"archive.har", "websocket.log", "eve.json", "ecs.json", "findings.sarif", "handshakes.csv", "messages.tsv"} {
			got := strings.ReplaceAll(readFile(t, filepath.Join(dir, form)), filepath.Dir(path)+"/", "")
			got = strings.ReplaceAll(got, ownVersion(), "VERSION")
			compare(t, filepath.Join("testdata", "evidence", name+"."+form), got)
		}
	}
}

// What --also writes is what --output prints.
func TestAlsoIsOutput(t *testing.T) {
	for _, f := range formats {
		path := recording("nginx-default")
		file := filepath.Join(t.TempDir(), "file")
		status, alone, errs := wshake("-o", f.name, path)
		if status != exitDone || errs != "" || alone == "" {
			t.Errorf("%s: status %d, %s", f.name, status, errs)
		}
		if f.name == "json" {
			continue // has the run's time
		}
		table, both, errs := wshake("--also", f.name+"="+file, path)
		if _, only, _ := wshake(path); table != exitDone || errs != "" || both != only {
			t.Errorf("%s changes the table: %s", f.name, errs)
		}
		if got := readFile(t, file); got != alone {
			t.Errorf("%s differs from --output:\n%s", f.name, cmp.Diff(alone, got))
		}
	}
}

func TestSARIFFitsItsSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(readFile(t, filepath.Join("..", "..", "analyze", "report", "sarif", "testdata", "sarif-schema-2.1.0.json"))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{recording("node-ws"), recording("nginx-default"), recording("close-codes"), writeDialogue(t, hostileNames)} {
		_, out, errs := wshake("-o", "sarif", path)
		log, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err == nil {
			err = schema.Validate(log)
		}
		if err != nil || errs != "" {
			t.Errorf("%s: %v, %s", path, err, errs)
		}
	}
}

// What an endpoint sends is no link in a view of SARIF, and no formula in a spreadsheet.
func TestEvidenceIsDisarmed(t *testing.T) {
	script := strings.NewReplacer("Cookie: a=", "Sec-WebSocket-Protocol: ＝1\nCookie: a=",
		"Sec-WebSocket-Accept: {accept}", "Sec-WebSocket-Accept: [a](https://evil.example/)",
		`text "@SUM(1)"`, `text "＝1+1"`).Replace(hostileNames)
	dir := t.TempDir()
	if status, _, errs := wshake(append(allFiles(dir), writeDialogue(t, script))...); status != exitDone || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	for _, r := range within(object(t, readFile(t, filepath.Join(dir, "findings.sarif")))["runs"].([]any)[0],
		"results").([]any) {
		if text := within(r, "message", "text").(string); strings.Contains(text, "](") {
			t.Error(text)
		}
	}
	disarmed := 0
	for _, name := range []string{"handshakes.csv", "messages.csv", "findings.csv"} {
		rows, err := csv.NewReader(strings.NewReader(readFile(t, filepath.Join(dir, name)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for _, cell := range row {
				if cell != "" && cell != "-" && strings.ContainsRune("=+-@＝＋－＠\t\r", []rune(cell)[0]) {
					t.Errorf("%s: %q", name, cell)
				}
				if strings.HasPrefix(cell, "'") {
					disarmed++
				}
			}
		}
	}
	if disarmed < 4 {
		t.Errorf("%d cells are disarmed", disarmed)
	}
}

// An independent program takes the archive: har-validator, which has the schema of HAR 1.2.
func TestHARFitsItsSchema(t *testing.T) {
	node := need.Program(t, "node")
	if exec.Command(node, "-e", "require('har-validator')").Run() != nil {
		need.Lacking(t, "the package har-validator of npm is not installed")
	}
	for _, path := range []string{recording("node-ws"), recording("nginx-default"), recording("refused-401"), writeDialogue(t, hostileNames), writeDialogue(t, secrets)} {
		file := filepath.Join(t.TempDir(), "a.har")
		if status, _, errs := wshake("--har", file, path); status != exitDone {
			t.Fatalf("status %d, %s", status, errs)
		}
		out, err := exec.Command(node, "-e", `require("har-validator").har(JSON.parse(require("fs").readFileSync(process.argv[1])))
			.then(h => console.log(h.log.entries.length), e => { console.log(JSON.stringify(e.errors || e)); process.exit(1) })`, file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v, %s", path, err, out)
		}
	}
}

// jq, Python's csv and a parser of Zeek's logs by their own header lines read the files.
func TestEvidenceIsReadByOthers(t *testing.T) {
	dir := t.TempDir()
	path := writeDialogue(t, hostileNames)
	if status, _, errs := wshake(append(allFiles(dir), path)...); status != exitDone {
		t.Fatal(errs)
	}
	jq := need.Program(t, "jq")
	for _, c := range []struct{ filter, file, want string }{
		{`select(.event_type=="websocket")|.websocket.opcode`, "eve.json", "\"text\"\n\"text\"\n\"binary\"\n\"text\"\n"},
		{`select(.event_type=="http")|.http.status`, "eve.json", "101\n"},
		{`select(.event.action=="handshake")|.url.path`, "ecs.json", "\"/a\\\"b,c\"\n"},
		{`select(.event.kind=="event" and .event.action=="message")|.wshake.from`, "ecs.json", "\"client\"\n\"client\"\n\"server\"\n\"server\"\n"},
		{`.log.entries[]|._webSocketMessages|length`, "archive.har", "4\n"},
	} {
		out, err := exec.Command(jq, c.filter, filepath.Join(dir, c.file)).CombinedOutput()
		if err != nil || string(out) != c.want {
			t.Errorf("jq %s: %v, %s", c.filter, err, out)
		}
	}
	python := need.Program(t, "python3")
	out, err := exec.Command(python, "-c", `import csv,sys
rows=list(csv.DictReader(open(sys.argv[1],newline="")))
print(len(rows),[r["opcode"] for r in rows],rows[0]["text"])
h=list(csv.DictReader(open(sys.argv[2],newline="")))
print(h[0]["uri"],h[0]["origin"])
t=list(csv.reader(open(sys.argv[3],newline=""),delimiter="\t",quoting=csv.QUOTE_NONE))
print(len(t),set(len(r) for r in t)=={len(t[0])})`, filepath.Join(dir, "messages.csv"), filepath.Join(dir, "handshakes.csv"), filepath.Join(dir, "messages.tsv")).CombinedOutput()
	want := `4 ['text', 'text', 'binary', 'text'] '=1+1,"x"\t\n\r\u202e\u009b` + "\n" + `/a"b,c?x=%zz&=1&<script>\ '=cmd|' /C calc'!A0` + "\n5 True\n"
	if err != nil || string(out) != want {
		t.Errorf("Python: %v\n%s\n%s", err, out, want)
	}
	names, values := zeekLog(t, readFile(t, filepath.Join(dir, "websocket.log")))
	if len(values) != 1 || len(values[0]) != len(names) {
		t.Fatalf("%d rows, %d names, %v", len(values), len(names), values)
	}
	for i, name := range names {
		switch name {
		case "user_agent":
			if values[0][i] != `\x2d` {
				t.Errorf("a user agent of one stroke is %s", values[0][i])
			}
		case "id.orig_p":
			if values[0][i] != "4001" {
				t.Error(values[0][i])
			}
		}
	}
}

// zeekLog reads a log of Zeek as zeek-cut does: by the separator and the names of its header lines.
func zeekLog(t *testing.T, text string) (names []string, rows [][]string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if i == 0 && line != `#separator \x09` {
			t.Fatalf("the first line is %s", line)
		}
		fields := strings.Split(line, "\t")
		switch {
		case fields[0] == "#fields":
			names = fields[1:]
		case !strings.HasPrefix(line, "#"):
			rows = append(rows, fields)
		}
	}
	return names, rows
}

// A run that cannot write a file leaves none behind, and says so.
func TestEvidenceIsCompleteOrAbsent(t *testing.T) {
	path := recording("nginx-default")
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	endless := "{{range 1000000000}}" + strings.Repeat("x", 1<<16) + "{{end}}"
	for _, c := range []struct {
		name string
		args []string
		want int
		said string
	}{
		{"existing file", []string{"--har", old}, exitUsage, "exists; --force replaces it"},
		{"existing file of another output", []string{"--also", "eve=" + old}, exitUsage, "exists; --force replaces it"},
		{"the input", []string{"--force", "--har", path}, exitUsage, "is also read"},
		{"one file for two", []string{"--har", filepath.Join(dir, "x"), "--also", "eve=" + filepath.Join(dir, "x")}, exitUsage, "is written by another output too"},
		{"no such directory", []string{"--har", filepath.Join(dir, "none", "x"), "--also", "eve=" + filepath.Join(dir, "y")}, exitInput, "no such file or directory"},
		{"not a format", []string{"--also", "ewe=x"}, exitUsage, "did you mean eve?"},
		{"no file", []string{"--also", "eve"}, exitUsage, "is not FORMAT=FILE"},
		{"kinds of another format", []string{"--also", "zeek:messages=x"}, exitUsage, "zeek prints handshakes, and not messages"},
		{"two tables in one", []string{"-o", "csv", "--show", "messages,handshakes"}, exitUsage, "csv prints one kind of events"},
		{"template without end", []string{"--template", endless}, exitInput,
			"makes more than 64 MiB of one event"},
		{"bad template", []string{"--template", "{{.client"}, exitUsage, "--template"},
	} {
		status, _, errs := wshake(append(c.args, path)...)
		if status != c.want || !strings.Contains(errs, c.said) {
			t.Errorf("%s: status %d, %s", c.name, status, errs)
		}
		left, _ := os.ReadDir(dir)
		if len(left) != 1 || readFile(t, old) != "old" {
			t.Errorf("%s leaves %v", c.name, left)
		}
	}
	if exists("/dev/full") {
		file := filepath.Join(dir, "good.json")
		status, out, errs := wshake("--har", "/dev/full", "--also", "eve="+file, path)
		if status != exitInput || !strings.Contains(errs, "no space left on device") || out == "" {
			t.Errorf("status %d, %s", status, errs)
		}
		if _, want, _ := wshake("-o", "eve", path); readFile(t, file) != want {
			t.Error("the other file is not whole")
		}
	}
}

// Secrets are in none of the files.
func TestEvidenceIsRedacted(t *testing.T) {
	path := writeDialogue(t, secrets)
	dir := t.TempDir()
	status, _, errs := wshake(append(allFiles(dir), "--redact", path)...)
	if status != exitDone {
		t.Fatalf("status %d, %s", status, errs)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if text := readFile(t, f); strings.Contains(text, "hunter2") {
			i := strings.Index(text, "hunter2")
			t.Errorf("%s has a secret: %s", filepath.Base(f), text[max(0, i-80):i+20])
		}
	}
	if len(files) != 11 {
		t.Errorf("%d files", len(files))
	}
	if _, out, _ := wshake("--redact", "--template", "{{json .}}", path); strings.Contains(out, "hunter2") || out == "" {
		t.Error(out)
	}
}

func TestTemplate(t *testing.T) {
	path := writeDialogue(t, hostileNames)
	for _, c := range []struct{ args, want string }{
		{`--template|{{.verdict}} {{.status}} {{.key_valid}}`, "invalid 101 true\n"},
		{`--template|{{.host}}|--show|handshakes`, "../../etc/\"passwd\",\n"},
		{`--template|{{.from}}:{{.length}}|--show|messages`, "client:16\nclient:4\nserver:2\nserver:7\n"},
		{`--template|{{range .request_headers}}{{index . 0}},{{end}}`, "Host,Upgrade,Connection,Sec-WebSocket-Key,Sec-WebSocket-Version,User-Agent,Origin,Cookie,\n"},
	} {
		status, out, errs := wshake(append(strings.Split(c.args, "|"), path)...)
		if status != exitDone || out != c.want || errs != "" {
			t.Errorf("%s: status %d, %q, %s", c.args, status, out, errs)
		}
	}
}

// Many small messages and a large one are in the archive, each whole or marked.
func TestArchiveOfManyMessages(t *testing.T) {
	var script strings.Builder
	script.WriteString(hostileNames[:strings.Index(hostileNames, "-- client frames --")])
	script.WriteString("-- client frames --\n")
	for i := range 2000 {
		fmt.Fprintf(&script, "text \"%d\"\n", i)
	}
	fmt.Fprintf(&script, "text %q\n", strings.Repeat("x", 50_000))
	path := writeDialogue(t, script.String())
	file := filepath.Join(t.TempDir(), "a.har")
	if status, _, errs := wshake("--har", file, "--payload", "1000", path); status != exitDone {
		t.Fatal(errs)
	}
	var archive struct {
		Log struct {
			Entries []struct {
				Messages []struct {
					Data      string
					Truncated bool   `json:"_truncated"`
					Length    uint64 `json:"_length"`
				} `json:"_webSocketMessages"`
			}
		}
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(readFile(t, file)))).Decode(&archive); err != nil {
		t.Fatal(err)
	}
	got := archive.Log.Entries[0].Messages
	if len(got) != 2001 {
		t.Fatalf("%d messages", len(got))
	}
	for i, m := range got[:2000] {
		if m.Data != fmt.Sprint(i) || m.Truncated {
			t.Fatalf("message %d is %+v", i, m)
		}
	}
	if last := got[2000]; !last.Truncated || last.Length != 50_000 || len(last.Data) != 1000 {
		t.Errorf("the last is of %d octets, %d kept, %v", last.Length, len(last.Data), last.Truncated)
	}
}
