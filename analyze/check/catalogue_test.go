package check

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// identity is what users write into selections and scripts, and what reports of years ago still name.
type identity struct {
	id, name string
	level    event.Level
}

// identities are fixed for ever. A new check adds a line; no line is ever changed or removed.
var identities = []identity{
	{"REQ-01", "method-not-get", event.Error},
	{"REQ-02", "request-http-version", event.Error},
	{"REQ-03", "host-missing", event.Error},
	{"REQ-03", "host-malformed", event.Error},
	{"REQ-04", "request-target", event.Error},
	{"REQ-05", "upgrade-missing", event.Error},
	{"REQ-06", "connection-missing", event.Error},
	{"REQ-07", "key-missing", event.Error},
	{"REQ-07", "key-repeated", event.Error},
	{"REQ-08", "key-malformed", event.Error},
	{"REQ-08", "key-noncanonical", event.Note},
	{"REQ-09", "key-reused", event.Warning},
	{"REQ-09", "key-well-known", event.Note},
	{"REQ-10", "version-missing", event.Error},
	{"REQ-10", "version-malformed", event.Error},
	{"REQ-10", "version-unsupported", event.Warning},
	{"REQ-11", "subprotocol-offer-malformed", event.Error},
	{"REQ-11", "subprotocol-offer-duplicate", event.Error},
	{"REQ-12", "extension-offer-malformed", event.Error},
	{"REQ-15", "data-before-answer", event.Error},
	{"REQ-16", "request-body", event.Warning},
	{"REQ-19", "draft-handshake", event.Note},
	{"REQ-20", "head-line-endings", event.Warning},
	{"REQ-20", "head-folded", event.Warning},
	{"REQ-21", "head-malformed", event.Error},
	{"REQ-22", "origin-malformed", event.Note},
	{"REQ-23", "frames-after-refusal", event.Error},
	{"RSP-00", "answer-missing", event.Warning},
	{"RSP-00", "answer-not-http", event.Error},
	{"RSP-01", "handshake-refused", event.Note},
	{"RSP-02", "response-http-version", event.Error},
	{"RSP-03", "response-upgrade", event.Error},
	{"RSP-05", "response-connection", event.Error},
	{"RSP-06", "accept-missing", event.Error},
	{"RSP-06", "accept-repeated", event.Error},
	{"RSP-06", "accept-mismatch", event.Error},
	{"RSP-06", "accept-of-another-key", event.Error},
	{"RSP-07", "extension-not-offered", event.Error},
	{"RSP-08", "extension-accepted-twice", event.Error},
	{"RSP-08", "extension-answer-malformed", event.Error},
	{"RSP-08", "extension-answer-repeated", event.Warning},
	{"RSP-09", "subprotocol-not-offered", event.Error},
	{"RSP-09", "subprotocol-answer-malformed", event.Error},
	{"RSP-10", "subprotocol-unanswered", event.Warning},
	{"RSP-11", "response-body-fields", event.Error},
	{"RSP-13", "invalid-request-accepted", event.Error},
	{"RSP-14", "version-list-missing", event.Warning},
	{"RSP-15", "upgrade-required-bare", event.Error},
	{"RSP-16", "unsolicited-101", event.Error},
	{"RSP-22", "status-not-101", event.Error},
	{"RSP-23", "answer-rejected", event.Note},
	{"UPG-02", "other-upgrade", event.Note},
	{"PMD-01", "deflate-offer-invalid", event.Warning},
	{"PMD-03", "deflate-answer-invalid", event.Error},
	{"PMD-04", "deflate-client-window-not-offered", event.Error},
	{"PMD-05", "deflate-server-window", event.Error},
	{"PMD-06", "deflate-server-takeover", event.Error},
	{"PMD-08", "deflate-client-window-larger", event.Warning},
	{"PMD-09", "rsv1-conflict", event.Error},
	{"FRM-01", "client-frame-unmasked", event.Error},
	{"FRM-01", "server-frame-masked", event.Error},
	{"FRM-02", "mask-predictable", event.Warning},
	{"FRM-03", "rsv-unnegotiated", event.Error},
	{"FRM-04", "rsv1-misplaced", event.Error},
	{"FRM-05", "opcode-reserved", event.Error},
	{"FRM-06", "length-not-minimal", event.Error},
	{"FRM-07", "length-top-bit", event.Error},
	{"FRM-08", "control-too-long", event.Error},
	{"FRM-08", "control-fragmented", event.Error},
	{"FRM-09", "continuation-unexpected", event.Error},
	{"FRM-09", "message-interrupted", event.Error},
	{"FRM-10", "text-not-utf8", event.Error},
	{"FRM-11", "deflate-error", event.Error},
	{"FRM-11", "deflate-tail-kept", event.Warning},
	{"FRM-12", "deflate-window-exceeded", event.Error},
	{"FRM-12", "deflate-context-kept", event.Error},
	{"FRM-14", "ping-unanswered", event.Note},
	{"FRM-15", "data-after-close", event.Error},
	{"FRM-16", "message-unfinished", event.Note},
	{"FRM-17", "not-websocket", event.Error},
	{"FRM-18", "tiny-fragments", event.Note},
	{"FRM-19", "pong-mismatch", event.Warning},
	{"CLS-01", "close-body-short", event.Error},
	{"CLS-02", "close-code-invalid", event.Error},
	{"CLS-03", "close-code-reserved", event.Warning},
	{"CLS-04", "close-reason-not-utf8", event.Error},
	{"CLS-05", "close-code-role", event.Warning},
	{"CLS-06", "close-unanswered", event.Warning},
	{"CLS-08", "close-missing", event.Warning},
	{"CLS-09", "close-repeated", event.Warning},
	{"CLS-10", "closed-with-error", event.Note},
	{"H2-01", "connect-protocol-unannounced", event.Error},
	{"H2-02", "connect-pseudo-headers", event.Error},
	{"H2-03", "h2-connection-fields", event.Error},
	{"H2-04", "h2-key-fields", event.Note},
	{"H2-05", "h2-status", event.Error},
	{"H2-07", "http1-inside-h2", event.Error},
	{"H2-08", "goaway", event.Note},
	{"H2-09", "connect-protocol-missing", event.Note},
	{"H2-10", "connect-protocol-unknown", event.Note},
	{"H2-11", "h2-rule-broken", event.Error},
	{"MID-01", "proxy-stripped-upgrade", event.Error},
	{"MID-02", "proxy-http10", event.Error},
	{"MID-03", "proxy-changed-handshake", event.Warning},
	{"MID-04", "idle-timeout", event.Warning},
	{"MID-05", "answer-delayed", event.Note},
	{"MID-06", "lifetime-limit", event.Warning},
	{"MID-07", "proxy-protocol", event.Error},
	{"MID-08", "affinity", event.Warning},
	{"SEC-01", "cross-site-websocket", event.Warning},
	{"SEC-02", "request-smuggling", event.Warning},
	{"SEC-03", "tunnel", event.Note},
	{"SEC-04", "secret-in-handshake", event.Note},
	{"SEC-05", "overlap-conflict", event.Warning},
	{"SEC-06", "ambiguous-framing", event.Error},
	{"SEC-07", "ambiguous-framing-earlier", event.Warning},
	{"TCP-01", "peer-silent", event.Warning},
	{"TCP-02", "receiver-stalled", event.Warning},
	{"APP-01", "app-error", event.Note},
	{"POL-01", "origin-not-allowed", event.Warning},
	{"POL-02", "policy-subprotocol", event.Warning},
}

// groups are the first halves of the ids, in the order of the catalogue.
var groups = []string{"REQ", "RSP", "UPG", "PMD", "FRM", "CLS", "H2", "MID", "SEC", "TCP", "APP", "POL"}

func TestCatalogueKeepsIdentities(t *testing.T) {
	was := make(map[string]identity)
	for _, i := range identities {
		was[i.name] = i
	}
	is := make(map[string]identity)
	for _, c := range Catalogue {
		is[c.Name] = identity{c.ID, c.Name, c.Level}
		if _, known := was[c.Name]; !known {
			t.Errorf("%s %s is new: add it to the identities of this test", c.ID, c.Name)
		}
	}
	for _, w := range identities {
		switch now, there := is[w.name]; {
		case !there:
			t.Errorf("%s %s is gone from the catalogue", w.id, w.name)
		case now != w:
			t.Errorf("%s is now %s, %s; it was %s, %s", w.name, now.id, now.level, w.id, w.level)
		}
	}
}

func TestCatalogueNamesAreUnique(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, c := range Catalogue {
		if !kebab.MatchString(c.Name) {
			t.Errorf("%s: the name %q is not lower-case words joined by hyphens", c.ID, c.Name)
		}
		if seen[c.Name] {
			t.Errorf("%s: the name %s stands twice", c.ID, c.Name)
		}
		seen[c.Name] = true
	}
}

func TestCatalogueIsSorted(t *testing.T) {
	ids := regexp.MustCompile(`^([A-Z][A-Z0-9]*)-([0-9]{2})$`)
	group, number := 0, ""
	for _, c := range Catalogue {
		m := ids.FindStringSubmatch(c.ID)
		if m == nil {
			t.Fatalf("%s: the id %q is not a group and two digits", c.Name, c.ID)
		}
		g := slices.Index(groups, m[1])
		if g < 0 {
			t.Fatalf("%s %s: no such group", c.ID, c.Name)
		}
		if g < group || g == group && m[2] < number {
			t.Errorf("%s %s stands behind %s-%s", c.ID, c.Name, groups[group], number)
		}
		group, number = g, m[2]
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	for _, c := range Catalogue {
		t.Run(c.Name, func(t *testing.T) {
			if c.Citation == "" {
				t.Error("no Citation")
			}
			if c.When == "" {
				t.Error("no When")
			}
			if len(c.Description) < 80 {
				t.Errorf("Description has %d octets, too few to explain anything", len(c.Description))
			}
			if len(c.Advice) < 20 {
				t.Errorf("Advice has %d octets, too few to act on", len(c.Advice))
			}
			served := 0
			for st := range stages {
				if c.serves(st) {
					served++
				}
			}
			if served == 0 {
				t.Error("no function")
			}
		})
	}
}

// Description is prose; When and Advice stand inside lines of output, like the strings of errors.
func TestCatalogueWording(t *testing.T) {
	for _, c := range Catalogue {
		if !strings.HasSuffix(c.Description, ".") {
			t.Errorf("%s: Description does not end in a full stop: …%q", c.Name, c.Description[max(0, len(c.Description)-20):])
		}
		for _, line := range []string{c.When, c.Advice} {
			if strings.HasSuffix(line, ".") {
				t.Errorf("%s: %q ends in a full stop", c.Name, line)
			}
		}
		for _, text := range []string{c.When, c.Description, c.Advice} {
			if strings.Contains(text, "  ") || strings.ContainsAny(text, "\n\t") || strings.TrimSpace(text) != text {
				t.Errorf("%s: blanks or line ends where none belong: %q", c.Name, text)
			}
		}
		if first := c.Advice[:min(1, len(c.Advice))]; first != strings.ToLower(first) {
			t.Errorf("%s: Advice begins with a capital: %q", c.Name, c.Advice)
		}
	}
}

// Each row stands beside its function; none is forgotten in the list, and none stands there twice.
func TestCatalogueHoldsEveryRow(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	rows, listed := map[string]string{}, map[string]int{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			literal, ok := v.Values[0].(*ast.CompositeLit)
			if !ok {
				return true
			}
			if kind, ok := literal.Type.(*ast.Ident); ok && kind.Name == "Check" {
				rows[v.Names[0].Name] = name
			}
			if v.Names[0].Name == "Catalogue" {
				for _, e := range literal.Elts {
					listed[e.(*ast.UnaryExpr).X.(*ast.Ident).Name]++
				}
			}
			return true
		})
	}
	if len(rows) < 90 {
		t.Fatalf("%d rows found in the package", len(rows))
	}
	for row, file := range rows {
		if listed[row] != 1 {
			t.Errorf("%s in %s stands %d times in Catalogue", row, file, listed[row])
		}
	}
}

// A row asks only for what the stages that it serves can see.
func TestNeedsFitTheStage(t *testing.T) {
	for _, c := range Catalogue {
		var can Needs
		for st := range stages {
			if c.serves(st) {
				can |= needsOf[st]
			}
		}
		if c.Needs&^can != 0 {
			t.Errorf("%s needs %b, of which its stages see only %b", c.Name, c.Needs, can)
		}
	}
}
