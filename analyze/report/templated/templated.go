// Package templated prints events by a template of text/template, for one-liners.
//
// A template is given the object that --output json prints, so its names are those of the JSON output. Texts are
// escaped as in the table; the function json prints any value as JSON.
package templated

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/template"
	"text/template/parse"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Output prints what the template makes of each event.
type Output struct {
	*report.Sink
	events   *report.JSON // writes lines to here
	line     bytes.Buffer
	template *template.Template
	kinds    event.Kinds
	err      error // of the template
}

// Parse reads a template. \n and \t in it are a line end and a tab, since shells make them hard to type.
func Parse(text string) (*template.Template, error) {
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text)
	t, err := template.New("template").Option("missingkey=zero").Funcs(template.FuncMap{
		"json": func(v any) (string, error) {
			b, err := report.MarshalJSON(v)
			return string(b), err
		},
		"join": func(by string, list any) (string, error) {
			values, _ := list.([]any)
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = fmt.Sprint(v)
			}
			return strings.Join(texts, by), nil
		},
	}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("line %s", strings.TrimPrefix(err.Error(), "template: template:"))
	}
	return t, nil
}

// Names are the names of the JSON output that a template uses, some perhaps twice.
func Names(t *template.Template) []string {
	var names []string
	for _, part := range t.Templates() {
		names = append(names, in(part.Root)...)
	}
	return names
}

// in gives the names below a node.
func in(node parse.Node) (names []string) {
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				names = append(names, in(n)...)
			}
		}
	}
	branch := func(b *parse.BranchNode) {
		names = append(names, in(b.Pipe)...)
		list(b.List)
		list(b.ElseList)
	}
	switch n := node.(type) {
	case *parse.ListNode:
		list(n)
	case *parse.ActionNode:
		return in(n.Pipe)
	case *parse.TemplateNode:
		return in(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				for _, arg := range c.Args {
					names = append(names, in(arg)...)
				}
			}
		}
	case *parse.ChainNode:
		return in(n.Node)
	case *parse.FieldNode:
		return n.Ident[:1]
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			return n.Ident[1:2]
		}
	}
	return names
}

// New prints the events that o shows to w. Each ends with a line end.
func New(w io.Writer, t *template.Template, o report.Options) *Output {
	p := &Output{Sink: report.NewSink(w), template: t, kinds: o.Show}
	p.events = report.NewJSON(&p.line, o)
	return p
}

// print prints the event that was just written to the line.
func (p *Output) print(kind event.Kinds) {
	if !p.kinds.Has(kind) {
		return
	}
	defer p.line.Reset()
	if err := p.events.Flush(); err != nil {
		return
	}
	d := json.NewDecoder(&p.line)
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		p.fail(err)
		return
	}
	var b line
	if err := p.template.Execute(&b, sanitised(value)); err != nil {
		p.fail(err)
		return
	}
	p.Line(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))
}

// lineMost bounds what a template makes of one event, octets: a loop in it may go on for ever.
const lineMost = 64 << 20

// line takes what a template prints.
type line struct{ bytes.Buffer }

func (l *line) Write(b []byte) (int, error) {
	if l.Len()+len(b) > lineMost {
		return 0, fmt.Errorf("the template makes more than %d MiB of one event", lineMost>>20)
	}
	return l.Buffer.Write(b)
}

func (p *Output) fail(err error) {
	if p.err == nil {
		p.err = fmt.Errorf("--template: %s", strings.TrimPrefix(err.Error(), "template: template:"))
	}
}

// sanitised escapes the texts in a value, and makes numbers of its numbers, so that a template can compare them.
func sanitised(v any) any {
	switch v := v.(type) {
	case string:
		return report.Sanitise(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
	case []any:
		for i := range v {
			v[i] = sanitised(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = sanitised(v[key])
		}
	}
	return v
}

// Err returns the first error of the template or of a write.
func (p *Output) Err() error {
	if p.err != nil {
		return p.err
	}
	return p.Sink.Err()
}

// Flush writes what was gathered and returns the first error.
func (p *Output) Flush() error {
	err := p.Sink.Flush()
	if p.err != nil {
		return p.err
	}
	return err
}

func (p *Output) Handshake(e *event.Handshake) { p.events.Handshake(e); p.print(event.KindHandshake) }
func (p *Output) Frame(e *event.Frame)         { p.events.Frame(e); p.print(event.KindFrame) }
func (p *Output) Message(e *event.Message)     { p.events.Message(e); p.print(event.KindMessage) }
func (p *Output) Connection(e *event.Connection) {
	p.events.Connection(e)
	p.print(event.KindConnection)
}
func (p *Output) Finding(e *event.Finding) { p.events.Finding(e); p.print(event.KindFinding) }
func (p *Output) Caveat(e *event.Caveat)   { p.events.Caveat(e); p.print(event.KindCaveat) }
func (p *Output) Summary(e *event.Summary) { p.events.Summary(e); p.print(event.KindSummary) }
