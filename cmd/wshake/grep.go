package main

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/pflag"

	"wshake/analyze/event"
	"wshake/analyze/redact"
	"wshake/analyze/report"
	"wshake/analyze/search"
)

// grepRaw is what the command line says of searching.
type grepRaw struct {
	grep, grepHex     string
	fixed, ignoreCase bool
	context           int
}

// grepFlags are the rows of the table of flags.
var grepFlags = []flagRow{
	{groupEvidence, "grep", "REGEXP", "search in messages, unmasked and inflated; a match may be up to 4096 octets long",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.grep, f.name, "", f.help) }},
	{groupEvidence, "fixed-strings", "", "with --grep: search for a text and not for a regular expression",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.fixed, f.name, false, f.help) }},
	{groupEvidence, "ignore-case", "", "with --grep: capital and small letters are the same",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.ignoreCase, f.name, false, f.help) }},
	{groupEvidence, "context", "N", "with --grep: print N octets before and after each match (default 40, at most 256)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVar(&r.context, f.name, 40, f.help) }},
	{groupEvidence, "grep-hex", "OCTETS", "search in messages for octets in hexadecimal: 16 03 01",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.grepHex, f.name, "", f.help) }},
}

func (o *options) setGrep(r *raw, fs *pflag.FlagSet) error {
	hex, text := fs.Changed("grep-hex"), fs.Changed("grep")
	var err error
	c := &o.config
	switch {
	case !hex && !text:
		if r.fixed || r.ignoreCase || fs.Changed("context") {
			return errors.New("--fixed-strings, --ignore-case and --context go with --grep")
		}
		return nil
	case hex && text:
		return errors.New("--grep and --grep-hex do not go together")
	case r.context < 0 || r.context > search.Context:
		return fmt.Errorf("--context takes numbers from 0 to %d", search.Context)
	case o.redact && o.scope == redact.All:
		return errors.New("--redact hides what messages say, so nothing can be searched for; --redact=headers goes with --grep")
	case len(o.follow) > 0 || o.watch:
		return errors.New("--grep does not go with --follow or --watch")
	case hex:
		if c.Search, err = search.Hex(r.grepHex); err != nil {
			return fmt.Errorf("--grep-hex %w", err)
		}
	default:
		if c.Search, err = search.New(r.grep, search.Options{Fixed: r.fixed, IgnoreCase: r.ignoreCase}); err != nil {
			if !r.fixed && r.grep != "" {
				return fmt.Errorf("--grep: %w; --fixed-strings searches for the text as it stands", err)
			}
			return fmt.Errorf("--grep: %w", err)
		}
	}
	o.context = r.context
	if !fs.Changed("max-message") {
		c.Limits.Message = math.MaxInt64 // what is searched takes no memory
	}
	c.Want |= event.KindMessage
	if o.output == "table" && o.template == nil {
		o.grepTable = true
		c.Want = event.KindHandshake | event.KindMessage | event.KindConnection | event.KindSummary
	} else if !fs.Changed("show") {
		o.show = o.show&^event.AllKinds | event.KindMessage
	}
	return nil
}

// grepping is the output that shows what was found.
func (o *options) grepping(w io.Writer, ro report.Options) output {
	return report.NewGrep(w, report.GrepOptions{Context: o.context, Hex: o.config.Search.Hex()}, ro)
}

// matching passes on only messages in which something was found.
type matching struct{ event.Receiver }

func (m matching) Message(e *event.Message) {
	if len(e.Matches) > 0 {
		m.Receiver.Message(e)
	}
}
