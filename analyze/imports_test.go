package analyze

import (
	"os/exec"
	"slices"
	"strings"
	"sync"
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

type dependence struct{ packages, others string }

// mayDependOn says which packages of this module the packages at and below a prefix may depend on, also by prefix. The
// first row that fits counts. A lower package never knows a higher one.
var mayDependOn = []dependence{
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

// imports are what a package of this module imports, itself and with what that imports.
type imports struct {
	pkg           string
	own, together []string
}

var allImports = sync.OnceValues(func() (all []imports, err error) {
	const form = `{{.ImportPath}};{{join .Imports " "}};{{join .Deps " "}}`
	out, err := exec.Command("go", "list", "-f", form, "wshake/...").Output()
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(line, ";")
		all = append(all, imports{parts[0], strings.Fields(parts[1]), strings.Fields(parts[2])})
	}
	return all, err
})

func TestImportDirection(t *testing.T) {
	all, err := allImports()
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(mayDependOn))
	for _, p := range all {
		row := slices.IndexFunc(mayDependOn, func(r dependence) bool { return below(p.pkg, r.packages) })
		if row < 0 {
			t.Errorf("it is not said what %s may depend on", p.pkg)
			continue
		}
		used[row] = true
		allowed := strings.Fields(mayDependOn[row].others)
		for _, dep := range p.together {
			if below(dep, "wshake") && !slices.ContainsFunc(allowed, func(prefix string) bool { return below(dep, prefix) }) {
				t.Errorf("%s depends on %s", p.pkg, dep)
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
	all, err := allImports()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(p imports) bool { return p.pkg == "wshake/analyze/event" })
	if i < 0 || len(all[i].own) == 0 {
		t.Fatal("no imports")
	}
	for _, imported := range all[i].own {
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
	all, err := allImports()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		for _, imported := range p.own {
			for library, allowed := range corners {
				allows := func(corner string) bool { return below(p.pkg, corner) }
				if below(imported, library) && !slices.ContainsFunc(allowed, allows) {
					t.Errorf("%s imports %s", p.pkg, imported)
				}
			}
		}
	}
}
