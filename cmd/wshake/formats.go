package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/query"
	"wshake/analyze/report"
	"wshake/analyze/report/ecs"
	"wshake/analyze/report/eve"
	"wshake/analyze/report/sarif"
	"wshake/analyze/report/separated"
	"wshake/analyze/report/templated"
	"wshake/analyze/report/zeek"
	"wshake/analyze/suggest"
)

// format is a form of output for programs.
type format struct {
	name  string
	kinds event.Kinds // that it prints unless the user says otherwise
	can   event.Kinds // that it can print
	one   bool        // it prints one kind at a time
	make  func(w io.Writer, o report.Options) output
}

const allButSummary = event.AllKinds &^ event.KindSummary

// formats are the words for --output and --also beside table.
var formats = []format{
	{"json", event.AllKinds &^ (event.KindFrame | event.KindMessage), event.AllKinds, false,
		func(w io.Writer, o report.Options) output { return report.NewJSON(w, o) }},
	{"csv", event.KindHandshake, allButSummary, true,
		func(w io.Writer, o report.Options) output { return separated.New(w, separated.Comma, o) }},
	{"tsv", event.KindHandshake, allButSummary, true,
		func(w io.Writer, o report.Options) output { return separated.New(w, separated.Tab, o) }},
	{"zeek", event.KindHandshake, event.KindHandshake, false,
		func(w io.Writer, o report.Options) output { return zeek.New(w, o) }},
	{"eve", event.KindHandshake | event.KindMessage | event.KindFinding, event.KindHandshake | event.KindFrame | event.KindMessage | event.KindFinding, false,
		func(w io.Writer, o report.Options) output { return eve.New(w, o) }},
	{"ecs", event.KindHandshake | event.KindConnection | event.KindFinding | event.KindCaveat, allButSummary, false,
		func(w io.Writer, o report.Options) output { return ecs.New(w, o) }},
	{"sarif", event.KindFinding, event.KindFinding, false,
		func(w io.Writer, o report.Options) output { return sarif.New(w, ownVersion(), o) }},
}

func formatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// formatNamed finds a format, nil where there is none of that name.
func formatNamed(name string) *format {
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &formats[i]
}

// shows checks that a format can print the kinds asked for.
func (f *format) shows(kinds event.Kinds) error {
	switch {
	case kinds&^f.can&event.AllKinds != 0:
		return fmt.Errorf("%s prints %s, and not %s", f.name, f.can, kinds&^f.can&event.AllKinds)
	case f.one && kinds&(kinds-1)&event.AllKinds != 0:
		return fmt.Errorf("%s prints one kind of events, whose columns are fixed: --show %s names more", f.name, kinds&event.AllKinds)
	}
	return nil
}

// also is an output beside the main one: FORMAT[:KINDS]=FILE.
type also struct {
	format *format
	kinds  event.Kinds
	path   string
}

// digest reports whether the output has digests of messages.
func (a *also) digest() bool {
	return a.kinds.Has(event.KindMessage) && a.format.name != "eve" && a.format.name != "ecs"
}

func parseAlso(text string) (also, error) {
	left, path, ok := strings.Cut(text, "=")
	name, list, some := strings.Cut(left, ":")
	f := formatNamed(name)
	switch {
	case !ok || path == "" || path == "-":
		return also{}, fmt.Errorf("--also %q is not FORMAT=FILE or FORMAT:KINDS=FILE, such as eve=eve.json or csv:messages=messages.csv", text)
	case f == nil:
		return also{}, fmt.Errorf("--also %q is none of %s%s", name, strings.Join(formatNames(), ", "),
			suggest.Meant(name, formatNames()))
	}
	a := also{f, f.kinds, path}
	if some {
		kinds, err := shown(strings.Split(list, ","), name)
		if err != nil {
			return also{}, fmt.Errorf("--also %s: %s", text, strings.TrimPrefix(err.Error(), "--show "))
		}
		a.kinds = kinds & event.AllKinds
	}
	if err := f.shows(a.kinds); err != nil {
		return also{}, fmt.Errorf("--also %s: %w", text, err)
	}
	return a, nil
}

// setFormat understands --template and the kinds that the main format shows.
func (o *options) setFormat(r *raw, named bool) error {
	if r.template != "" {
		if o.output != "table" {
			return fmt.Errorf("--template is an output of its own; --output %s does not go with it", o.output)
		}
		var err error
		if o.template, err = templated.Parse(r.template); err != nil {
			return fmt.Errorf("--template: %w", err)
		}
		o.countAttempts = false
		names := templated.Names(o.template)
		if err := knownNames(names); err != nil {
			return fmt.Errorf("--template: %w", err)
		}
		if !named {
			o.show = event.KindHandshake
			if brings := query.Brings(names, o.show); brings != 0 {
				o.show = brings
			}
		}
		payload := func(name string) bool { return name == "text" || name == "base64" }
		if !o.payloadAsked && o.show.Has(event.KindMessage|event.KindFrame) && slices.ContainsFunc(names, payload) {
			o.config.Payload = max(o.config.Payload, queriedText)
		}
	}
	if f := formatNamed(o.output); f != nil && f.name != "json" {
		if !named {
			o.show = f.kinds
		}
		if err := f.shows(o.show); err != nil {
			return fmt.Errorf("--output %w", err)
		}
	}
	return nil
}

// knownNames is an error for a name that no event has.
func knownNames(names []string) error {
	known, err := report.JSONNames()
	for _, name := range names {
		if err == nil && !slices.Contains(known, name) {
			err = fmt.Errorf("there is no name %q%s", name, suggest.Meant(name, known))
		}
	}
	return err
}

// printer is the main output in a format for programs, nil where it is one for people.
func (o *options) printer(w io.Writer, ro report.Options) output {
	switch {
	case o.template != nil:
		return templated.New(w, o.template, ro)
	case o.output != "table":
		return formatNamed(o.output).make(w, ro)
	}
	return nil
}

// ownVersion is the version as evidence files give it, without the name of the program.
func ownVersion() string { return strings.TrimPrefix(version(), "wshake ") }
