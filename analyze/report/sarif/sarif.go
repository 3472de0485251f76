// Package sarif prints findings as a log of SARIF 2.1.0 (OASIS), which views of code scanning read.
//
// # Design
//
// SARIF points into text files. A capture has no lines, so startLine is the number of the packet, as Wireshark counts;
// the property packet has it again, under its own name. Results are written as they come; the rules, of which only
// those are listed that were broken, stand behind them.
package sarif

import (
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Log prints the log.
type Log struct {
	event.Ignore
	*report.Sink
	options report.Options
	version string
	rules   map[string]*rule
	begun   bool
}

// New writes to w. version is that of the program.
func New(w io.Writer, version string, o report.Options) *Log {
	return &Log{Sink: report.NewSink(w), options: o, version: version, rules: make(map[string]*rule)}
}

type text struct {
	Text string `json:"text"`
}

type rule struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Short   text   `json:"shortDescription"`
	Help    *text  `json:"help,omitempty"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type artifact struct {
	URI string `json:"uri"`
}

type region struct {
	StartLine uint64 `json:"startLine"`
}

type physical struct {
	Artifact artifact `json:"artifactLocation"`
	Region   *region  `json:"region,omitempty"`
}

type location struct {
	Physical *physical `json:"physicalLocation,omitempty"`
	Logical  []logical `json:"logicalLocations,omitempty"`
}

type logical struct {
	Name string `json:"fullyQualifiedName"`
}

type result struct {
	RuleID     string         `json:"ruleId"`
	Level      string         `json:"level"`
	Message    text           `json:"message"`
	Locations  []location     `json:"locations,omitempty"`
	Properties map[string]any `json:"properties"`
}

func (l *Log) begin() {
	if !l.begun {
		l.begun = true
		l.Print(`{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"results":[` + "\n")
	}
}

func (l *Log) Finding(e *event.Finding) {
	if l.begun {
		l.Print(",\n")
	}
	l.begin()
	if l.rules[e.Name] == nil {
		r := &rule{ID: e.Name, Name: e.ID, Short: text{e.Name}}
		if e.Section != "" {
			r.Short.Text += " (" + e.Section + ")"
		}
		if e.Advice != "" {
			r.Help = &text{e.Advice}
		}
		r.Default.Level = e.Level.String()
		l.rules[e.Name] = r
	}
	out := result{RuleID: e.Name, Level: e.Level.String(), Message: text{withoutLinks(e.Text)},
		Properties: map[string]any{"packet": e.At.Number}}
	for key, value := range map[string]string{"fault": e.Fault.String(), "seen": e.Seen, "wanted": e.Wanted, "section": e.Section, "time": report.RFC3339(e.At.Time)} {
		if value != "" {
			out.Properties[key] = value
		}
	}
	var where location
	if name := l.options.File(&e.At); name != "" {
		where.Physical = &physical{Artifact: artifact{(&url.URL{Path: filepath.ToSlash(name)}).String()}}
		if e.At.Number > 0 {
			where.Physical.Region = &region{e.At.Number}
		}
	}
	if c := e.Conn; c != nil {
		out.Properties["conn"], out.Properties["community_id"] = c.String(), c.CommunityID()
		where.Logical = []logical{{c.Peer[event.Client].String() + " > " + c.Peer[event.Server].String()}}
	}
	if where.Physical != nil || where.Logical != nil {
		out.Locations = []location{where}
	}
	b, err := report.MarshalJSON(&out)
	if err == nil {
		l.Print(string(b))
	}
}

// withoutLinks parts what a viewer would take for a link, [text](target) (SARIF 2.1.0 §3.11.6): it is from the wire.
func withoutLinks(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// Summary ends the log.
func (l *Log) Summary(*event.Summary) {
	l.begin()
	rules := make([]*rule, 0, len(l.rules))
	for _, name := range slices.Sorted(maps.Keys(l.rules)) {
		rules = append(rules, l.rules[name])
	}
	driver := map[string]any{"name": "wshake", "version": l.version, "rules": rules}
	b, err := report.MarshalJSON(map[string]any{"driver": driver})
	if err == nil {
		l.Print("\n],\"tool\":" + string(b) + "}]}\n")
	}
}
