package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"wshake/analyze/event"
	"wshake/analyze/query"
)

// evidenceRaw is what the command line says of selecting and of evidence files.
type evidenceRaw struct {
	where string
	only  []string
}

// evidence is that, understood.
type evidence struct {
	where *query.Query // nil where everything is taken
	asked *query.Receiver
}

const groupEvidence = "Selecting and evidence files"

// evidenceFlags are the rows of the table of flags.
var evidenceFlags = []flagRow{
	{groupEvidence, "where", "EXPR", `take only events for which this is true: 'status >= 400 && host endsWith ".example"'; names are those of --output json`,
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.where, f.name, "", f.help) }},
	{groupEvidence, "only", "LIST", "short for --where: " + strings.Join(query.Shorts(), ", ") + ", or the name of a check",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.only, f.name, nil, f.help) }},
}

// withEvidence puts those rows behind the ones about output.
func withEvidence(table []flagRow) []flagRow {
	var all []flagRow
	for i := range table {
		if table[i].group == groupChecks && table[i-1].group == groupOutput {
			all = append(all, evidenceFlags...)
		}
		all = append(all, table[i])
	}
	return all
}

// queriedText is how much of each payload an expression with the name text looks at, octets.
const queriedText = 64 << 10

// setEvidence is called when all the rest of the command line is understood.
func (o *options) setEvidence(r *raw, fs *pflag.FlagSet) error {
	o.payloadShown, o.kindsShown = o.config.Payload, o.config.Want
	return o.setWhere(r)
}

func (o *options) setWhere(r *raw) error {
	var parts []string
	if r.where != "" {
		if _, err := query.Compile(r.where); err != nil { // so that columns are those of what was typed
			return fmt.Errorf("--where: %w", err)
		}
		parts = append(parts, "("+r.where+")")
	}
	if len(r.only) > 0 {
		short, err := query.Only(r.only)
		if err != nil {
			return fmt.Errorf("--only %w", err)
		}
		parts = append(parts, "("+short+")")
	}
	if len(parts) == 0 {
		return nil
	}
	if len(o.follow) > 0 || o.watch {
		return errors.New("--where and --only do not go with --follow and --watch")
	}
	var err error
	if o.where, err = query.Compile(strings.Join(parts, " && ")); err != nil {
		return fmt.Errorf("--where: %w", err)
	}
	c := &o.config
	c.Want |= event.KindHandshake | event.KindConnection // what other events are asked with
	if o.where.Uses("text") {
		c.Payload = max(c.Payload, queriedText)
	}
	if o.where.Uses("sha256") {
		c.Digest = true
	}
	return nil
}

// selecting puts the selection in front of a receiver, where there is one.
func (o *options) selecting(to event.Receiver, names func() []string) event.Receiver {
	if o.where == nil {
		return to
	}
	o.asked = o.where.To(to, names)
	return o.asked
}

// withEvidenceFiles adds the evidence files to the output out, where any were asked for.
func (o *options) withEvidenceFiles(ctx context.Context, out output, src *input) (output, error) {
	f := &fan{output: out, main: &branch{to: out, kinds: o.kindsShown, payload: o.payloadShown}}
	if len(f.others) == 0 && o.kindsShown == o.config.Want && o.payloadShown == o.config.Payload {
		return out, nil
	}
	return f, nil
}
