package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/pflag"

	"wshake/analyze/event"
	"wshake/analyze/query"
	"wshake/analyze/report/har"
	"wshake/cmd/wshake/outfile"
)

// evidenceRaw is what the command line says of selecting and of evidence files.
type evidenceRaw struct {
	where    string
	only     []string
	template string
	also     []string
	har      string
	extract  string
	caseFile string
	embed    bool
	grepRaw
}

// evidence is that, understood.
type evidence struct {
	where        *query.Query // nil where everything is taken
	selection    string       // see report.Options
	template     *template.Template
	also         []also
	har          string // file of the archive
	extract      string // directory for messages
	caseFile     string // file of the record of the run
	packets      string // file of --write where that has the packets of WebSocket connections only
	embedSecrets bool
	args         []string
	began        time.Time
	stdin        *hashed // nil where its digest is not asked for

	grepTable bool // the main output is for people and shows what --grep found
	context   int  // octets around a match
}

const groupEvidence = "Selecting and evidence files"

// evidenceFlags are the rows of the table of flags.
var evidenceFlags = []flagRow{
	{groupEvidence, "where", "EXPR", `take only events for which this is true: 'status >= 400 && ` +
		`host endsWith ".example"'; names are those of --output json; wshake help where lists them`,
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.where, f.name, "", f.help) }},
	{groupEvidence, "only", "LIST", "short for --where: " + strings.Join(query.Shorts(), ", ") + ", or the name of a check",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.only, f.name, nil, f.help) }},
	{groupEvidence, "also", "FORMAT=FILE", "write this output to a file, in the same pass; FORMAT is one of --output, FORMAT:KINDS says which events, as csv:messages=FILE; may be repeated",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringArrayVar(&r.also, f.name, nil, f.help) }},
	{groupEvidence, "har", "FILE", "write an HTTP Archive 1.2 with all messages, as Chrome's developer tools import it; --payload says how much of each (default 1 MiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.har, f.name, "", f.help) }},
	{groupEvidence, "embed-secrets", "", "with --write and files: put the TLS secrets of the connections that are written, and no others, into the file",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.embed, f.name, false, f.help) }},
	{groupEvidence, "extract", "DIR", "write each message into a file of its own in DIR, with transcripts and a manifest; DIR is made, or empty; --payload says how much of each (default 16 MiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.extract, f.name, "", f.help) }},
	{groupEvidence, "case", "FILE", "write a record of the run for a chain of custody: the command, its times, and sha256 and size of every file read and written",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.caseFile, f.name, "", f.help) }},
	{groupEvidence, "template", "TEXT", "print each event by this template of Go's text/template: '{{.client}} " +
		"{{.host}} {{.status}}'; names are those of --output json; --show says which events (default handshakes, or " +
		"those that have its names: '{{.text}}' prints messages)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.template, f.name, "", f.help) }},
}

// withEvidence puts those rows behind the ones about output.
func withEvidence(table []flagRow) []flagRow {
	var all []flagRow
	for i := range table {
		if table[i].group == groupChecks && table[i-1].group == groupOutput {
			all = append(all, evidenceFlags...)
			all = append(all, grepFlags...)
		}
		all = append(all, table[i])
	}
	return all
}

// queriedText is how much of each payload an expression with the name text looks at, octets.
const queriedText = 64 << 10

// setEvidence is called when all the rest of the command line is understood.
func (o *options) setEvidence(r *raw, fs *pflag.FlagSet) error {
	c := &o.config
	if err := o.setFormat(r, fs.Changed("show")); err != nil {
		return err
	}
	if err := o.compileWhere(r, fs.Changed("show") || r.grep != "" || r.grepHex != ""); err != nil {
		return err
	}
	if o.template != nil || o.output != "table" && o.output != "json" {
		c.Want = o.show | event.KindSummary | c.Want&event.KindTLS // the summary ends the output
		if o.html != "" {
			c.Want |= event.AllKinds
		}
	}
	if err := o.setGrep(r, fs); err != nil {
		return err
	}
	c.Digest = c.Digest && (o.redact || o.show.Has(event.KindMessage)) // it costs as much as all the rest
	o.payloadShown, o.kindsShown, o.digestShown = c.Payload, c.Want, c.Digest
	for _, text := range r.also {
		a, err := parseAlso(text)
		if err != nil {
			return err
		}
		o.also = append(o.also, a)
		c.Want |= a.kinds | event.KindSummary
		c.Payload = max(c.Payload, o.payload)
		c.Digest = c.Digest || a.digest()
	}
	if o.har = r.har; o.har != "" {
		c.Want |= event.KindHandshake | event.KindMessage | event.KindConnection
		c.Payload = max(c.Payload, o.payloadFor(har.DefaultPayload))
	}
	o.caseFile = r.caseFile
	if err := o.setPackets(r); err != nil {
		return err
	}
	if o.extract = r.extract; o.extract != "" {
		if o.redact {
			return errors.New("--extract writes messages as they are, and --redact hides secrets: they do not go together")
		}
		c.Want |= event.KindMessage
		c.Payload = max(c.Payload, o.payloadFor(extractPayload))
	}
	o.setWhere()
	return nil
}

// payloadFor is how much payload an output holds: what the user says, else as much as is usual for it.
func (o *options) payloadFor(usual int) int {
	if o.payloadAsked {
		return o.payload
	}
	return usual
}

// compileWhere reads the expression. Where --show was not given, what it asks for is shown, too.
func (o *options) compileWhere(r *raw, showGiven bool) error {
	var parts []string
	if r.where != "" {
		if _, err := query.Compile(r.where); err != nil { // so that columns are those of what was typed
			return fmt.Errorf("--where: %w", err)
		}
		parts = append(parts, "("+r.where+"\n)") // a comment may end it
	}
	if len(r.only) > 0 {
		short, err := query.Only(r.only)
		if err != nil {
			return fmt.Errorf("--only %w", err)
		}
		parts = append(parts, "("+short+")")
		o.selection = "--only " + strings.Join(r.only, ",")
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
	if showGiven {
		return nil
	}
	brings := o.where.Brings(o.show)
	switch f := formatNamed(o.output); {
	case f == nil && o.template == nil, f != nil && f.shows(o.show|brings) == nil:
		o.show |= brings
	case o.template != nil, f.shows(brings) == nil:
		if brings != 0 {
			o.show = o.show&^event.AllKinds | brings
		}
	}
	o.config.Want |= o.show
	return nil
}

// setWhere asks for what the expression is asked about.
func (o *options) setWhere() {
	if o.where == nil {
		return
	}
	c := &o.config
	c.Want |= event.KindHandshake | event.KindConnection // what other events are asked with
	if o.where.Uses("text") {
		c.Want |= event.KindSummary // before it comes the caveat where-limit
		c.Payload = max(c.Payload, queriedText)
	}
	if o.where.Uses("sha256") {
		c.Digest = true
	} else {
		c.DigestLate = true // of what is taken
	}
}

// selecting puts the selection in front of a receiver, where there is one.
func (o *options) selecting(to event.Receiver, names func() []string) event.Receiver {
	if o.config.Search != nil {
		to = matching{to}
	}
	if o.where == nil {
		return to
	}
	return o.where.To(to, names)
}

// guardEvidence names the evidence files to the guard.
func (o *options) guardEvidence(g *outfile.Guard) error {
	for _, a := range o.also {
		if err := g.Output(a.path); err != nil {
			return fmt.Errorf("--also %w", err)
		}
	}
	if o.packets != "" {
		if err := g.Output(o.packets); err != nil {
			return fmt.Errorf("--write %w", err)
		}
	}
	if o.caseFile != "" {
		if err := g.Output(o.caseFile); err != nil {
			return fmt.Errorf("--case %w", err)
		}
	}
	if o.extract != "" {
		if err := errors.Join(g.Output(filepath.Join(o.extract, "manifest.json")), g.Directory(o.extract)); err != nil {
			return fmt.Errorf("--extract %w", err)
		}
	}
	if o.har != "" {
		if err := g.Output(o.har); err != nil {
			return fmt.Errorf("--har %w", err)
		}
	}
	return nil
}

// withEvidenceFiles adds the evidence files to the output out, where any were asked for.
func (o *options) withEvidenceFiles(ctx context.Context, out output, src *input) (output, error) {
	f := &fan{output: out, told: make(map[string]uint64), main: &branch{to: out, kinds: o.kindsShown, payload: o.payloadShown, digest: o.digestShown}}
	ro := o.printing(src)
	for _, a := range o.also {
		file, err := o.outputs.CreateWhole(ctx, a.path)
		if err != nil {
			f.giveUp()
			return nil, fmt.Errorf("--also %w", err)
		}
		ro := ro
		ro.Show = a.kinds
		f.others = append(f.others, &branch{flag: "--also", to: a.format.make(file, ro), kinds: a.kinds, payload: o.payload,
			digest: a.digest(), file: file})
	}
	if o.har != "" {
		file, err := o.outputs.CreateWhole(ctx, o.har)
		if err != nil {
			f.giveUp()
			return nil, fmt.Errorf("--har %w", err)
		}
		spool, err := newSpool()
		if err != nil {
			file.Close()
			f.giveUp()
			return nil, err
		}
		buffered := bufio.NewWriterSize(file, 64<<10)
		f.others = append(f.others, &branch{flag: "--har", to: &spooled{har.New(buffered, spool, ownVersion(), ro), buffered, spool},
			kinds: event.KindHandshake | event.KindMessage | event.KindConnection, payload: o.payloadFor(har.DefaultPayload), file: file})
	}
	if o.packets != "" {
		file, err := o.outputs.CreateWhole(ctx, o.packets)
		if err != nil {
			f.giveUp()
			return nil, fmt.Errorf("--write %w", err)
		}
		f.others = append(f.others, o.evidencePackets(ctx, o.newPicked(f.limited), file))
	}
	if o.extract != "" {
		x, err := newExtraction(ctx, o.extract, o.force, o.outputs, ro)
		if err != nil {
			f.giveUp()
			return nil, fmt.Errorf("--extract %w", err)
		}
		x.limited = f.limited
		f.others = append(f.others, &branch{flag: "--extract", to: x, kinds: event.KindMessage, payload: o.payloadFor(extractPayload)})
	}
	if len(f.others) == 0 && o.kindsShown == o.config.Want && o.payloadShown == o.config.Payload && o.digestShown == o.config.Digest {
		return out, nil
	}
	return f, nil
}

// spooled is an output with a spool, which ends with it.
type spooled struct {
	output
	w     *bufio.Writer
	spool *os.File
}

func (s *spooled) Flush() error {
	err := s.output.Flush()
	if err == nil {
		err = s.w.Flush()
	}
	s.spool.Close()
	os.Remove(s.spool.Name()) // where it has a name
	return err
}
