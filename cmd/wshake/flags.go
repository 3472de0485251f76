package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"wshake/analyze"
	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/redact"
	"wshake/analyze/report"
	"wshake/analyze/report/html"
	"wshake/analyze/suggest"
	"wshake/capture/filter"
	"wshake/capture/live"
	"wshake/capture/pcapngwriter"
	"wshake/cmd/wshake/outfile"
)

var (
	errHelp    = errors.New("help asked for")
	errVersion = errors.New("version asked for")
)

// options is the command line, understood.
type options struct {
	files   []string
	config  analyze.Config
	output  string
	show    event.Kinds
	color   string
	failOn  event.Level
	payload int
	follow  conversations
	pretty  bool
	all     bool // list every finding and host
	redact  bool
	scope   redact.Scope // of redact

	interfaces, keylogs []string
	filter              string
	buffer              int
	notPromiscuous      bool
	write               string
	rotation            pcapngwriter.Rotation // of write and outputFile
	outputFile          string                // "" for standard output
	outputPaths         func() []string       // the files of outputFile that were made
	count               int
	duration            time.Duration
	memoryLimited       bool
	maxMemory           uint64   // octets
	account             *account // to become once the interfaces are open
	watch               bool
	force               bool
	outputs             *outfile.Guard // set by guard
	payloadAsked        bool           // by --payload
	followed            *report.Follow // the output of follow, nil for others
	configured          string         // the config file, "" for none
	clock               report.Clock
	width               int    // of lines, -1: that of the terminal
	countAttempts       bool   // see report.Options.Count
	html                string // file of the page, "-" for standard output
	view                bool   // serve the page to a browser
	// What the outputs other than evidence files asked for.
	kindsShown   event.Kinds
	payloadShown int
	digestShown  bool
	evidence
}

// hides says what a filter keeps from being analysed, "" where nothing is known to be.
func (o *options) hides() string {
	if o.filter == "" {
		return ""
	}
	return filter.Hides(o.filter)
}

// never is above every level: no finding fails the run.
const never = event.Level(event.Levels)

// raw is the command line as pflag reads it.
type raw struct {
	read, show, sel, ignore, origins, decodeAs []string
	configFlags                                []string // that have their values from the config file
	output, color, failOn, redact              string
	jobs, payload                              int
	follow                                     conversations
	pretty, checksums, help, version           bool
	maxMessage, maxMemory, maxHeader           size
	maxConnections                             int
	gapTimeout, duration, rotateTime           time.Duration
	idleTimeout                                time.Duration

	interfaces, keylogs []string
	filter, write, user string
	buffer, rotateSize  size
	notPromiscuous      bool
	count, rotateCount  int
	watch, force        bool
	allFindings, all    bool
	html                string
	clock, config       string
	outputFile          string
	width               int
	evidenceRaw
}

// flagRow is one flag. The table of them is the only list: the usage text is printed from it.
type flagRow struct {
	group string
	name  string
	arg   string // what stands for the value in the usage text, "" for a switch
	help  string
	bind  func(fs *pflag.FlagSet, r *raw, f *flagRow)
}

const (
	groupInput  = "Input"
	groupLive   = "Live capture"
	groupOutput = "Output"
	groupChecks = "Checks"
	groupLimits = "Limits"
	groupOther  = "Other"
)

var flagTable = withEvidence([]flagRow{
	{groupInput, "read", "FILE", "read this capture; the same as naming it without -r; - is standard input",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringArrayVarP(&r.read, f.name, "r", nil, f.help) }},
	{groupInput, "check-checksums", "", "drop packets with a wrong IP or TCP checksum (on an end host, offloading makes checksums of its own packets look wrong)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.checksums, f.name, false, f.help) }},
	{groupInput, "decode-as", "RULE", "HOST:PORT=websocket[,deflate]: read connections to this server as WebSocket frames when their handshake was not captured",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringArrayVar(&r.decodeAs, f.name, nil, f.help) }},
	{groupInput, "filter", "EXPR", "read only packets that match, in the language of tcpdump; may also stand at the end: wshake FILE tcp port 80",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVarP(&r.filter, f.name, "f", "", f.help) }},
	{groupInput, "keylog", "FILE", "decrypt TLS with the secrets in this key log, the file that SSLKEYLOGFILE makes programs write; env: the file that SSLKEYLOGFILE names; may be repeated; with -i the file may grow, or appear later",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringArrayVar(&r.keylogs, f.name, nil, f.help) }},

	{groupLive, "interface", "NAME", "capture from this interface until ^C (any: from all); may be repeated; wshake interfaces lists the names",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) {
			fs.StringArrayVarP(&r.interfaces, f.name, "i", nil, f.help)
		}},
	{groupLive, "count", "N", "stop after N packets",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVarP(&r.count, f.name, "c", 0, f.help) }},
	{groupLive, "duration", "TIME", "stop after this time, such as 90s or 2h",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.DurationVar(&r.duration, f.name, 0, f.help) }},
	{groupLive, "watch", "", "show one screen that is kept up to date, instead of rows; press ? on it for its keys",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.watch, f.name, false, f.help) }},
	{groupLive, "no-promiscuous", "", "capture only packets that are addressed to the interface",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) {
			fs.BoolVarP(&r.notPromiscuous, f.name, "p", false, f.help)
		}},
	{groupLive, "drop-privileges", "USER", "give up root: become this user once the interfaces are open and the key logs read; files of --write belong to that user",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.user, f.name, "", f.help) }},
	{groupLive, "buffer", "SIZE", "size of the kernel's buffer for each interface (default 32MiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.Var(&r.buffer, f.name, f.help) }},

	{groupOutput, "output", "FORMAT", "table (default), or for programs: json (one event per line), csv, tsv, zeek, eve, ecs, sarif",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVarP(&r.output, f.name, "o", "table", f.help) }},
	{groupOutput, "write", "FILE", "also save packets to this file, as pcapng; with -i, and from " +
		"standard input: all packets, as they come; with files, which are read twice: the packets of the WebSocket " +
		"connections, or of what --where takes, with their numbers and findings as comments",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVarP(&r.write, f.name, "w", "", f.help) }},
	{groupOutput, "output-file", "FILE", "write the output to FILE instead of standard output; with --rotate-size " +
		"or --rotate-time to FILE-00001 and so on, numbered after those that exist; with -i, and from a pipe, it " +
		"grows line by line; with -i, SIGHUP opens it anew, as logrotate asks for",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.outputFile, f.name, "", f.help) }},
	{groupOutput, "rotate-size", "SIZE", "with --write and --output-file: start a new file at this size; files are numbered, FILE-00001 and so on",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.Var(&r.rotateSize, f.name, f.help) }},
	{groupOutput, "rotate-time", "TIME", "with --write and --output-file: start a new file after this time, by the times of packets",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.DurationVar(&r.rotateTime, f.name, 0, f.help) }},
	{groupOutput, "rotate-count", "N", "with --write and --output-file: keep only the newest N files",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVar(&r.rotateCount, f.name, 0, f.help) }},
	{groupOutput, "show", "LIST", "what to print: handshakes, frames, messages, connections, findings, caveats, " +
		"summary, all (default: all but frames and messages; a table leaves out connections, too); connections " +
		"includes TLS connections that carry no WebSocket",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.show, f.name, nil, f.help) }},
	{groupOutput, "payload", "N", "print up to N octets of the payload of each frame and message that is shown",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVar(&r.payload, f.name, 0, f.help) }},
	{groupOutput, "follow", "CONN", "print one conversation as a transcript; CONN is its number in the table (HTTP/2: CONN/STREAM), or ADDRESS:PORT of one of its ends; may be repeated",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.Var(&r.follow, f.name, f.help) }},
	{groupOutput, "pretty", "", "with --follow: indent JSON payloads",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.pretty, f.name, false, f.help) }},
	{groupOutput, "redact", "", "hide cookies, credentials, tokens and payloads in every output; --redact=headers shows payloads",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) {
			fs.StringVar(&r.redact, f.name, "", f.help)
			fs.Lookup(f.name).NoOptDefVal = redactAll
		}},
	{groupOutput, "force", "", "overwrite output files that exist; files that are read are never overwritten",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.force, f.name, false, f.help) }},
	{groupOutput, "html", "FILE", "also write one HTML file that shows the capture in a browser, without a network; - is standard output, instead of the table; --payload N limits what it holds of each message (default 4096 octets)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.html, f.name, "", f.help) }},
	{groupOutput, "color", "WHEN", "auto (default: on a terminal), always or never",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.color, f.name, "auto", f.help) }},
	{groupOutput, "time", "KIND", "relative: seconds since the first packet (default for files); absolute: UTC, with the date where it changes (default with -i)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.clock, f.name, "", f.help) }},
	{groupOutput, "width", "N", "fold lines to N columns (default: those of the terminal; 0: never fold)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVar(&r.width, f.name, -1, f.help) }},
	{groupOutput, "fail-on", "LEVEL", "exit with status 1 when there is a finding of this level or above: error, warning, note, none (default)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.failOn, f.name, "none", f.help) }},

	{groupChecks, "select", "LIST", "run only these checks, by name, id, group or level; * stands for anything: 'MID-*', MID, 'deflate-*', error",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.sel, f.name, nil, f.help) }},
	{groupChecks, "ignore", "LIST", "leave these checks out; the same words as --select",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.ignore, f.name, nil, f.help) }},
	{groupChecks, "all-findings", "", "print every finding; by default, of each check on a connection, the first 20 and the number of the rest",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.allFindings, f.name, false, f.help) }},
	{groupChecks, "config", "FILE", "read the team's policy and values for flags from this file (default: wshake/wshake.toml in $XDG_CONFIG_HOME or ~/.config); flags on the command line win; none: read no such file",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringVar(&r.config, f.name, "", f.help) }},
	{groupChecks, "all", "", "list every finding and host; by default findings of one cause and host stand together: " +
		"the first few, and their number",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.all, f.name, false, f.help) }},
	{groupChecks, "allow-origin", "LIST", "origins or hosts whose pages may connect to other sites: " +
		"cross-site-websocket does not report them; *.example.org is all its subdomains",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.StringSliceVar(&r.origins, f.name, nil, f.help) }},

	{groupLimits, "max-memory", "SIZE", "use about this much memory at most; idle connections are dropped first (default 4GiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.Var(&r.maxMemory, f.name, f.help) }},
	{groupLimits, "max-connections", "N", "connections to keep track of at once (default 1048576)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVar(&r.maxConnections, f.name, 0, f.help) }},
	{groupLimits, "gap-timeout", "TIME", "how long to wait for a lost segment, in capture time (default 2s)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.DurationVar(&r.gapTimeout, f.name, 0, f.help) }},
	{groupLimits, "idle-timeout", "TIME", "a connection that is silent for this long, in capture time, is taken for closed (default 24h for a WebSocket, 1h for others)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.DurationVar(&r.idleTimeout, f.name, 0, f.help) }},
	{groupLimits, "max-message", "SIZE", "keep this much of a decoded message; the rest is only counted and checked (default 16MiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) {
			r.maxMessage = 16 << 20
			fs.Var(&r.maxMessage, f.name, f.help)
		}},
	{groupLimits, "max-header", "SIZE", "keep HTTP heads up to this size (default 64KiB)",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) {
			r.maxHeader = 64 << 10
			fs.Var(&r.maxHeader, f.name, f.help)
		}},

	{groupOther, "jobs", "N", "number of workers (default: one per processor); the output is the same for any number",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.IntVarP(&r.jobs, f.name, "j", 0, f.help) }},
	{groupOther, "numeric", "", "taken for those who type it by habit: addresses and ports are never turned into names",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolP(f.name, "n", false, f.help) }},
	{groupOther, "version", "", "print the version and exit",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVar(&r.version, f.name, false, f.help) }},
	{groupOther, "help", "", "print this text and exit",
		func(fs *pflag.FlagSet, r *raw, f *flagRow) { fs.BoolVarP(&r.help, f.name, "h", false, f.help) }},
})

// parse reads the command line.
func parse(args []string) (*options, error) {
	r := new(raw)
	o, err := r.parse(args)
	return o, r.blameConfig(err)
}

func (r *raw) parse(args []string) (*options, error) {
	view := len(args) > 0 && args[0] == "view"
	if view {
		args = args[1:]
	}
	fs := pflag.NewFlagSet("wshake", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	for i := range flagTable {
		flagTable[i].bind(fs, r, &flagTable[i])
	}
	if err := fs.Parse(args); err != nil {
		return nil, mistake(err)
	}
	switch {
	case r.help:
		return nil, errHelp
	case r.version:
		return nil, errVersion
	}
	if err := noEmptyNames(fs); err != nil {
		return nil, err
	}
	policy, err := readConfig(r, fs)
	if err != nil {
		return nil, err
	}
	policy.AllowOrigins = r.origins
	named, expr := trailingFilter(fs.Args())
	if expr != "" {
		if r.filter != "" {
			return nil, fmt.Errorf("there are two filters, --filter %q and %q at the end", r.filter, expr)
		}
		r.filter = expr
	}
	o := &options{files: append(r.read, named...), output: r.output, color: r.color, payload: r.payload, follow: r.follow, pretty: r.pretty, force: r.force}
	o.keylogs, o.configured = r.keylogs, r.config
	o.interfaces, o.filter, o.buffer, o.notPromiscuous, o.count, o.duration = r.interfaces, r.filter, int(r.buffer), r.notPromiscuous, r.count, r.duration
	o.write, o.rotation = r.write, pcapngwriter.Rotation{Size: int64(r.rotateSize), Time: r.rotateTime, Keep: r.rotateCount}
	switch {
	case len(o.files) == 0 && len(o.interfaces) == 0 && expr != "":
		return nil, fmt.Errorf("what shall be read? %q is taken for a filter, which goes after the files: wshake "+
			"FILE... tcp port 80", expr)
	case len(o.files) == 0 && len(o.interfaces) == 0:
		return nil, errors.New("what shall be read? wshake FILE... reads captures, - is standard input, -i NAME listens")
	case len(o.files) > 0 && len(o.interfaces) > 0:
		return nil, fmt.Errorf("-i listens, and %q is a file; name only one of the two", o.files[0])
	case negative(fs) != "":
		return nil, fmt.Errorf("--%s takes no number below 0", negative(fs))
	case len(o.interfaces) == 0 && o.duration > 0:
		return nil, errors.New("--duration goes with -i")
	case len(o.interfaces) == 0 && r.user != "":
		return nil, errors.New("--drop-privileges goes with -i")
	case r.watch && len(o.interfaces) == 0:
		return nil, errors.New("--watch goes with -i")
	case r.watch && (o.output != "table" || len(o.follow) > 0 || len(r.show) > 0):
		return nil, errors.New("--watch is an output of its own; --output json, --show and --follow do not go with it")
	case view && (len(o.interfaces) > 0 || r.html != "" || len(r.follow) > 0 || len(r.show) > 0 || r.output != "table"):
		return nil, errors.New("wshake view is an output of its own, for files; -i, --html, --follow, --show and --output do not go with it")
	case r.html == "-" && len(o.interfaces) > 0:
		return nil, errors.New("--html - goes with files; with -i name a file for the page")
	case r.html != "" && (r.watch || len(o.follow) > 0):
		return nil, errors.New("--html does not go with --watch and --follow")
	case o.write == "" && r.outputFile == "" && o.rotation != pcapngwriter.Rotation{}:
		return nil, errors.New("--rotate-size, --rotate-time and --rotate-count go with --write and --output-file")
	}
	if err := o.setClock(r); err != nil {
		return nil, err
	}
	if o.width = r.width; fs.Changed("width") && r.width != 0 && r.width < report.Narrowest {
		return nil, fmt.Errorf("--width %d is less than %d columns", r.width, report.Narrowest)
	}
	o.countAttempts = len(r.show) == 0 && len(o.interfaces) == 0
	if r.user != "" {
		if o.account, err = lookUp(r.user); err != nil {
			return nil, err
		}
	}
	if o.filter != "" {
		if _, err := filter.NewMatcher(o.filter); err != nil {
			return nil, fmt.Errorf("--filter: %s", strings.TrimPrefix(err.Error(), "filter: "))
		}
	}
	if o.output != "table" && formatNamed(o.output) == nil {
		known := append([]string{"table"}, formatNames()...)
		return nil, fmt.Errorf("--output %q is none of %s%s", o.output, strings.Join(known, ", "),
			suggest.Meant(o.output, known))
	}
	if o.output != "table" && len(o.follow) > 0 {
		return nil, fmt.Errorf("--follow prints a transcript and does not go with --output %s; --output json --show all --only 'conn == N' prints the events of one connection", o.output)
	}
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return nil, fmt.Errorf("--color %q is none of auto, always, never", o.color)
	}
	if err := o.setRedact(r.redact); err != nil {
		return nil, err
	}
	o.payloadAsked = fs.Changed("payload") && r.payload > 0
	if o.failOn, err = level(r.failOn); err != nil {
		return nil, err
	}
	if o.show, err = shown(r.show, o.output); err != nil {
		return nil, err
	}
	if o.watch = r.watch; o.watch {
		o.show = event.AllKinds &^ (event.KindFrame | event.KindMessage)
	}
	c := &o.config
	if err := errors.Join(unknownChecks("--select", r.sel), unknownChecks("--ignore", r.ignore)); err != nil {
		return nil, err
	}
	if c.Checks, err = check.NewSet(r.sel, r.ignore); err != nil {
		return nil, err
	}
	c.Policy = policy
	c.Workers, c.Want, c.Payload, c.Limits.Message, c.Limits.Head = r.jobs, o.show, r.payload, uint64(r.maxMessage), int(r.maxHeader)
	c.Words = true // of messages, where they are wanted
	c.Digest = o.output == "json" || o.redact
	if o.all = r.all; r.allFindings || r.all {
		c.Limits.Findings = -1
	}
	if o.failOn <= event.Error { // it is judged by them, shown or not
		c.Want |= event.KindFinding | event.KindSummary
	}
	o.limitMemory(uint64(r.maxMemory))
	if r.maxConnections > 0 {
		c.Limits.Reassembly.MaxConnections = r.maxConnections
	}
	c.Limits.Reassembly.GapTimeout = r.gapTimeout
	if r.idleTimeout > 0 {
		c.Limits.Reassembly.SetIdleTimeout(r.idleTimeout)
	}
	for _, rule := range r.decodeAs {
		forced, err := decodeAs(rule)
		if err != nil {
			return nil, err
		}
		c.DecodeAs = append(c.DecodeAs, forced)
	}
	c.Limits.Decoder.CheckChecksums = r.checksums
	if o.html, o.view = r.html, view; o.html != "" || view {
		c.Want |= event.AllKinds
		switch {
		case fs.Changed("payload"):
		case view:
			c.Payload = viewPayload
		default:
			c.Payload = html.DefaultPayload
		}
	}
	if len(o.follow) > 0 {
		o.config.Want = event.AllKinds
		if !fs.Changed("payload") {
			c.Payload = 64 << 10
		}
	}
	if err := o.setEvidence(r, fs); err != nil {
		return nil, err
	}
	if err := o.setOutputFile(r); err != nil {
		return nil, err
	}
	return o, nil
}

// negative names the first flag whose number or time is below 0, "" where none is. No flag takes such a value.
func negative(fs *pflag.FlagSet) (name string) {
	fs.Visit(func(f *pflag.Flag) {
		kind := f.Value.Type()
		if name == "" && f.Name != "width" && (kind == "int" || kind == "duration") &&
			strings.HasPrefix(f.Value.String(), "-") {
			name = f.Name
		}
	})
	return name
}

// noEmptyNames refuses the value "" where a file or a user is to be named: a shell makes it of a variable that is not
// set, and nothing would be written, or root kept, without a word.
func noEmptyNames(fs *pflag.FlagSet) error {
	for i := range flagTable {
		row := &flagTable[i]
		f := fs.Lookup(row.name)
		if (row.arg == "FILE" || row.arg == "DIR" || row.arg == "USER") && f.Changed && f.Value.String() == "" {
			return fmt.Errorf("--%s takes the name of a %s, and it is empty", row.name, strings.ToLower(row.arg))
		}
	}
	return nil
}

// decodeAs reads HOST:PORT=websocket[,deflate].
func decodeAs(rule string) (analyze.DecodeAs, error) {
	server, protocol, _ := strings.Cut(rule, "=")
	addr, err := netip.ParseAddrPort(server)
	name, option, has := strings.Cut(protocol, ",")
	if err != nil || name != "websocket" || has && option != "deflate" {
		return analyze.DecodeAs{}, fmt.Errorf("--decode-as %q is not HOST:PORT=websocket or HOST:PORT=websocket,deflate, with an address for HOST", rule)
	}
	return analyze.DecodeAs{Server: addr, Deflate: has}, nil
}

func level(s string) (event.Level, error) {
	if s == "none" {
		return never, nil
	}
	for l := range event.Level(event.Levels) {
		if l.String() == s {
			return l, nil
		}
	}
	return 0, fmt.Errorf("--fail-on %q is none of error, warning, note, none%s", s,
		suggest.Meant(s, []string{"error", "warning", "note", "none"}))
}

func shown(list []string, output string) (event.Kinds, error) {
	if len(list) == 0 {
		w := event.AllKinds &^ (event.KindFrame | event.KindMessage)
		if output == "table" {
			w &^= event.KindConnection // a second table as long as the first
		}
		return w, nil
	}
	var w event.Kinds
	for _, s := range list {
		if s == "all" {
			w |= event.AllKinds | event.KindTLS
			continue
		}
		kind := event.KindNamed(s)
		if kind == 0 {
			return 0, fmt.Errorf("--show %q is none of %s, all%s", s, strings.Join(event.KindNames(), ", "),
				suggest.Meant(s, append(slices.Clone(event.KindNames()), "all")))
		}
		w |= kind
		if w.Has(event.KindConnection) {
			w |= event.KindTLS // asked for by name, not by default
		}
	}
	return w, nil
}

// size is a number of octets with a unit: 64KiB, 16MiB, 1GiB, 100kB, or plain.
type size uint64

func (s *size) String() string { return strconv.FormatUint(uint64(*s), 10) }
func (s *size) Type() string   { return "size" }

func (s *size) Set(v string) error {
	digits := strings.TrimRight(v, "kKMGTiBb")
	unit, known := map[string]uint64{"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
		"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9}[v[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || !known || n == 0 || n > 1<<50/unit {
		return fmt.Errorf("%q is not a size such as 64KiB, 16MiB or 1000000", v)
	}
	*s = size(n * unit)
	return nil
}

// receiver makes the output that was asked for; width is that of the terminal behind w, 0 where there is none.
func (o *options) receiver(w io.Writer, width int, src *input) output {
	ro := o.printing(src)
	if len(o.follow) == 0 {
		if p := o.printer(w, ro); p != nil {
			return p
		}
	}
	ro.Width = width
	if o.width >= 0 {
		ro.Width = o.width
	}
	ro.Color = o.color == "always" || o.color == "auto" && width > 0 && os.Getenv("NO_COLOR") == ""
	if len(o.follow) > 0 {
		o.followed = report.NewFollow(w, o.follow, ro)
		return o.followed
	}
	if o.grepTable {
		return o.grepping(w, ro)
	}
	if o.watch {
		return report.NewWatch(w, ro)
	}
	return report.NewText(w, ro)
}

// printing says how to print, but for what the terminal decides.
func (o *options) printing(src *input) report.Options {
	return report.Options{Show: o.show & event.AllKinds, Names: src.Names, ManyFiles: len(src.Names()) > 1 || slices.Contains(o.interfaces, live.Any), Pretty: o.pretty,
		Clock: o.clock, Start: src.started, Count: o.countAttempts, All: o.all, Selected: o.where != nil,
		Selection: o.selection}
}

// columns is the width of the terminal behind w, 0 where it is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}
