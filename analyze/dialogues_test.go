package analyze

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"wshake/analyze/check"
	"wshake/analyze/dialogue"
	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
	"wshake/testdata/need"
)

var update = flag.Bool("update", false, "write the wanted outputs into the dialogues that have some")

// dialogues lists the scripts in testdata/dialogues: a folder for each check, named after it, with bad*.txtar that
// raise it and good*.txtar that do not, and the folder legal with what looks wrong and is legal.
func dialogues(t testing.TB) []string {
	t.Helper()
	return glob(t, filepath.Join("..", "testdata", "dialogues", "*", "*.txtar"))
}

func parseDialogue(t testing.TB, path string) *dialogue.Script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dialogue.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

// playDialogue analyses the capture of a script.
func playDialogue(t testing.TB, s *dialogue.Script) *recorder {
	t.Helper()
	return analyseBytes(t, dialogue.Pcap(s.Packets(1000)), withPolicy(s))
}

func withPolicy(s *dialogue.Script) func(*Config) {
	return func(c *Config) {
		c.Policy = &check.Policy{AllowOrigins: s.AllowOrigins, Hosts: []check.HostPolicy{{Origins: s.PolicyOrigins, Subprotocols: s.PolicySubprotocols}}}
	}
}

// Each script raises what it says it raises, and nothing else.
func TestDialogues(t *testing.T) {
	for _, path := range dialogues(t) {
		t.Run(filepath.Base(filepath.Dir(path))+"/"+strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			s := parseDialogue(t, path)
			r := playDialogue(t, s)
			got, want := r.names(), slices.Clone(s.Expect)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%sraised %v, want %v", s.Purpose, got, want)
			}
			rootsFirst(t, r)
			for _, f := range r.findings { // for who reads the wording: go test -v
				t.Logf("packet %d, %s, %s, fault %q: %s", f.At.Number, f.Level, f.Name, f.Fault, f.Text)
			}
		})
	}
}

// rootsFirst complains of findings that are told before the finding that they follow from.
func rootsFirst(t *testing.T, r *recorder) {
	t.Helper()
	for i, f := range r.findings {
		if f.Follows == nil {
			continue
		}
		if !slices.ContainsFunc(r.findings[:i], func(g *event.Finding) bool { return g.Conn == f.Follows.Conn && g.Name == f.Follows.Name }) {
			t.Errorf("%s of connection %s is told before %s of connection %s, from which it follows", f.Name, f.Conn, f.Follows.Name, f.Follows.Conn)
		}
	}
}

// What a script raises depends neither on how its octets are cut into segments, nor on where sequence numbers begin.
func TestDialoguesInPieces(t *testing.T) {
	pieces := []int{1, 7}
	if need.Brief() {
		pieces = pieces[1:]
	}
	for _, path := range sampled(t, dialogues(t)) {
		s := parseDialogue(t, path)
		if strings.Contains(s.Purpose, "capture begins behind the handshake") {
			continue // frames are recognised there by how they fill their segments
		}
		if strings.Contains(path, "overlap-conflict") {
			continue // each segment that differs is a finding
		}
		slices.Sort(s.Expect)
		for _, piece := range pieces {
			s.MaxSegment = piece
			r := analyseBytes(t, dialogue.Pcap(s.Packets(0xffff_ff00)), withPolicy(s))
			if got := r.names(); !slices.Equal(sorted(got), s.Expect) {
				t.Errorf("%s in pieces of %d: raised %v, want %v", path, piece, got, s.Expect)
			}
		}
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// Every check that a capture of HTTP/1.1 can raise has a bad sample, which raises it, and a good one, which does not.
func TestEveryCheckHasSamples(t *testing.T) {
	raised, spared := map[string]bool{}, map[string]bool{}
	for _, path := range dialogues(t) {
		name := filepath.Base(filepath.Dir(path))
		s := parseDialogue(t, path)
		switch has := slices.Contains(s.Expect, name); {
		case name == "legal":
			if len(s.Expect) > 0 {
				t.Errorf("%s: legal traffic must raise nothing, not %v", path, s.Expect)
			}
		case len(check.Matching(name)) == 0:
			t.Errorf("%s: no check is called %s", path, name)
		case strings.HasPrefix(filepath.Base(path), "bad"):
			if !has {
				t.Errorf("%s: a bad sample that does not raise %s", path, name)
			}
			raised[name] = true
		default:
			if has {
				t.Errorf("%s: a good sample that raises %s", path, name)
			}
			spared[name] = true
		}
	}
	for _, c := range check.Catalogue {
		if name := c.Name; !raised[name] || !spared[name] {
			t.Errorf("%s: bad sample %v, good sample %v", name, raised[name], spared[name])
		}
	}
}

// printer is an output of package report.
type printer interface {
	event.Receiver
	Flush() error
}

// wanted are the sections of a script that hold what is printed about it.
var wanted = map[string]func(io.Writer) printer{
	"want.txt": func(w io.Writer) printer {
		return report.NewText(w, report.Options{Show: event.AllKinds &^ (event.KindFrame | event.KindMessage), Width: 100})
	},
	"want.ndjson": func(w io.Writer) printer { return report.NewJSON(w, report.Options{Show: event.AllKinds}) },
}

// Where a script holds what is to be printed about it, that is printed.
func TestDialoguesInPrint(t *testing.T) {
	some := false
	for _, path := range dialogues(t) {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.Files {
			f := &a.Files[i]
			output := wanted[f.Name]
			if output == nil {
				continue
			}
			some = true
			got := printDialogue(t, parseDialogue(t, path), output)
			if diff := cmp.Diff(string(f.Data), got); diff != "" && !*update {
				t.Errorf("%s, %s (-update writes it anew):\n%s", path, f.Name, diff)
			}
			f.Data = []byte(got)
		}
		if *update {
			writeDialogue(t, path, a)
		}
	}
	if !some {
		t.Error("no dialogue holds what is to be printed")
	}
}

func printDialogue(t *testing.T, s *dialogue.Script, output func(io.Writer) printer) string {
	t.Helper()
	src, err := capture.Open([]string{"-"}, capture.Options{Stdin: bytes.NewReader(dialogue.Pcap(s.Packets(1000)))})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b strings.Builder
	to := output(&b)
	cfg := Config{Want: event.AllKinds, Digest: true}
	withPolicy(s)(&cfg)
	if err := Run(context.Background(), src, cfg, to); err != nil {
		t.Fatal(err)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writeDialogue(t *testing.T, path string, a *txtar.Archive) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := txtar.Format(a); !bytes.Equal(old, text) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
