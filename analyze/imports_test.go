package analyze

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	// judging is what whoever judges needs, and who is judged by it: keys of TLS are read from inside captures, too.
	judging = "wshake/analyze/app wshake/analyze/search wshake/analyze/check wshake/analyze/handshake wshake/analyze/http1 wshake/analyze/http2 wshake/analyze/ws " +
		"wshake/analyze/event wshake/analyze/internal/freelist wshake/analyze/tls/keylog wshake/reassembly wshake/capture"
	// layers is what a layer may know of: the contract of layers, and no other layer.
	layers = "wshake/analyze/internal/layer wshake/analyze/internal/shard wshake/analyze/internal/merge " +
		"wshake/analyze/internal/spoken wshake/analyze/tls " + judging
)

// mayDependOn says which packages of this module the packages at and below a prefix may depend on, also by prefix. The
// first row that fits counts. A lower package never knows a higher one.
var mayDependOn = []struct{ packages, others string }{
	{"wshake/capture", "wshake/capture"},
	{"wshake/reassembly/decode", "wshake/reassembly wshake/capture"},
	{"wshake/reassembly", ""},
	{"wshake/analyze/event", "wshake/reassembly"}, // a leaf: every layer and every output imports it
	{"wshake/analyze/search", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/app", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/dialogue", ""},
	{"wshake/analyze/suggest", ""},
	{"wshake/analyze/internal/freelist", ""},
	{"wshake/analyze/internal/spoken", ""},
	{"wshake/analyze/tls/keylog", "wshake/capture"},
	{"wshake/analyze/tls", "wshake/analyze/internal/layer wshake/analyze/tls wshake/analyze/event wshake/reassembly wshake/capture"},
	{"wshake/analyze/http1", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/http2", "wshake/analyze/http2 wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/quic", "wshake/analyze/tls wshake/analyze/event wshake/analyze/internal/layer wshake/reassembly wshake/capture"},
	{"wshake/analyze/http3", "wshake/analyze/http3 wshake/analyze/http2/hpack/primitive wshake/analyze/quic wshake/analyze/tls wshake/analyze/internal/layer wshake/analyze/event wshake/reassembly wshake/capture"},
	{"wshake/analyze/ws", "wshake/analyze/internal/freelist wshake/analyze/ws wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/handshake", "wshake/analyze/internal/freelist wshake/analyze/http1 wshake/analyze/http2 wshake/analyze/ws wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/check", "wshake/analyze/app wshake/analyze/internal/freelist wshake/analyze/handshake wshake/analyze/http1 wshake/analyze/http2 wshake/analyze/ws wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/correlate", "wshake/analyze/app wshake/analyze/internal/freelist wshake/analyze/check wshake/analyze/handshake wshake/analyze/http1 wshake/analyze/http2 wshake/analyze/ws " +
		"wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/redact", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/query", "wshake/analyze/search wshake/analyze/suggest wshake/analyze/app " +
		"wshake/analyze/internal/freelist " +
		"wshake/analyze/check wshake/analyze/handshake wshake/analyze/http1 wshake/analyze/http2 wshake/analyze/ws " +
		"wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/report", "wshake/analyze/app wshake/analyze/redact wshake/analyze/internal/freelist wshake/analyze/report wshake/analyze/check wshake/analyze/handshake wshake/analyze/http1 wshake/analyze/http2 " +
		"wshake/analyze/ws wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/internal/layer", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/internal/merge", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/internal/shard", "wshake/analyze/internal/merge wshake/analyze/internal/layer " +
		"wshake/analyze/tls " + judging},
	// Layers do not know each other.
	{"wshake/analyze/internal/upgrade", layers},
	{"wshake/analyze/internal/convo", layers},
	{"wshake/analyze/internal/tlsconn", layers},
	{"wshake/analyze/internal/httpstream", layers},
	{"wshake/analyze/internal/h2conn", layers + " wshake/analyze/internal/httpstream"},
	{"wshake/analyze/internal/h3conn", layers + " wshake/analyze/internal/httpstream wshake/analyze/http3 " +
		"wshake/analyze/quic"},
	{"wshake/analyze/internal/quicconn", layers + " wshake/analyze/quic"},
	{"wshake/analyze/preface", "wshake/analyze/event wshake/reassembly"},
	{"wshake/analyze/internal/conn", "wshake/analyze/preface wshake/analyze/quic wshake/analyze/http3 " +
		"wshake/analyze/internal " + layers},
	{"wshake/analyze", "wshake/analyze wshake/reassembly wshake/capture"},
	{"wshake/cmd", "wshake"},
	{"wshake/packaging", ""},
}

// below tells whether a package is at or below a prefix.
func below(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

func TestImportDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "wshake/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(mayDependOn))
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := words[0]
		row := slices.IndexFunc(mayDependOn, func(r struct{ packages, others string }) bool { return below(pkg, r.packages) })
		if row < 0 {
			t.Errorf("it is not said what %s may depend on", pkg)
			continue
		}
		used[row] = true
		allowed := strings.Fields(mayDependOn[row].others)
		for _, dep := range words[1:] {
			if below(dep, "wshake") && !slices.ContainsFunc(allowed, func(prefix string) bool { return below(dep, prefix) }) {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
	for i, u := range used {
		if !u {
			t.Errorf("there is no package %s", mayDependOn[i].packages)
		}
	}
}

// Package event imports package reassembly and the standard library, and nothing else.
func TestEventIsALeaf(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, "wshake/analyze/event").Output()
	if err != nil || len(out) == 0 {
		t.Fatal("no imports", err)
	}
	for _, imported := range strings.Fields(string(out)) {
		first, _, _ := strings.Cut(imported, "/")
		if imported != "wshake/reassembly" && (first == "wshake" || strings.Contains(first, ".")) {
			t.Errorf("event imports %s", imported)
		}
	}
}

// Libraries are used by one package each.
func TestBorrowedTypesStayInTheirCorner(t *testing.T) {
	corners := map[string][]string{
		"github.com/google/gopacket":        {"wshake/capture", "wshake/reassembly"},
		"github.com/spf13/pflag":            {"wshake/cmd"},
		"github.com/olekukonko/tablewriter": {"wshake/analyze/report"},
		"github.com/expr-lang/expr":         {"wshake/analyze/query"},
		"github.com/santhosh-tekuri":        {"wshake/analyze/report/schematest"},
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "wshake/...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		for _, imported := range words[1:] {
			for library, allowed := range corners {
				if imported != library && !strings.HasPrefix(imported, library+"/") {
					continue
				}
				ok := false
				for _, a := range allowed {
					ok = ok || words[0] == a || strings.HasPrefix(words[0], a+"/")
				}
				if !ok {
					t.Errorf("%s imports %s", words[0], imported)
				}
			}
		}
	}
}
