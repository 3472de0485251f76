package query

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/search"
)

// Query is an expression, ready to be asked. It is used from one goroutine.
type Query struct {
	program *vm.Program
	machine vm.VM
	used    []*field       // the names in it
	named   event.Kinds    // of events that words in it ask for
	env     map[string]any // of the event at hand
	failed  error          // the first error of asking
}

// Error is a fault in an expression.
type Error struct {
	Column int // from 1, in characters
	Text   string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

// Compile reads an expression and checks it as a whole.
func Compile(source string) (*Query, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &Error{1, "there is no expression"}
	}
	q := &Query{env: make(map[string]any)}
	config := conf.CreateNew()
	for _, option := range []expr.Option{expr.Env(types()), expr.AsBool(), expr.DisableBuiltin("now"),
		expr.Function(inNetwork, networks(), new(func(string, string) bool)),
		expr.Function(holdsText, holders(), new(func(string, string) bool))} {
		option(config)
	}
	delete(config.Builtins, "now") // an answer does not depend on the clock
	config.Check()
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, located(err)
	}
	w := rewriter{used: make(map[string]bool)}
	w.rewrite(&tree.Node, holds)
	if w.err != nil {
		return nil, w.err
	}
	if _, err := checker.Check(tree, config); err != nil {
		return nil, located(err)
	}
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return nil, located(err)
	}
	if q.program, err = compiler.Compile(tree, config); err != nil {
		return nil, located(err)
	}
	q.named = w.named
	for i := range fields {
		if w.used[fields[i].name] {
			q.used = append(q.used, &fields[i])
		}
	}
	return q, nil
}

// unexpected is how the language names a token: its kind, which says nothing to a user, and its text.
var unexpected = regexp.MustCompile(`^unexpected token [A-Za-z]+\((".*")\)$`)

// located is an error of the language in the form of ours.
func located(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		text := err.Error()
		if kind, is := strings.CutPrefix(text, "expected bool, but got "); is {
			text = "the whole is of type " + kind + ", and neither true nor false: compare it with something"
		}
		return &Error{1, text}
	}
	text := strings.TrimPrefix(at.Message, "unknown name ")
	text = strings.TrimPrefix(text, "error parsing regexp: ")
	switch {
	case strings.HasPrefix(text, "bad number syntax"): // 5ms, 10MB
		text += `; a duration is a text: latency_us > "5ms"`
	case strings.HasPrefix(text, `unexpected token Operator("=")`):
		text = `"=" is no comparison; equal is ==`
	case text == "literal not terminated":
		text = "a text lacks its closing quote"
	case text == "unexpected token EOF":
		text = "the expression ends too early"
	case strings.HasPrefix(text, "unexpected token "):
		text = unexpected.ReplaceAllString(text, "$1 is not expected here")
	}
	return &Error{at.Column + 1, text}
}

// types gives the type of each name.
func types() map[string]any {
	m := make(map[string]any, len(fields))
	for i := range fields {
		m[fields[i].name] = fields[i].zero
	}
	return m
}

// Names are the names that an expression may use, in the order of the JSON output.
func Names() []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// Uses reports whether a name is in the expression.
func (q *Query) Uses(name string) bool {
	return slices.ContainsFunc(q.used, func(f *field) bool { return f.name == name })
}

// Err is the first error that asking met, such as that of a function given what it does not take. The event that it
// met was not selected.
func (q *Query) Err() error { return q.failed }

// takes asks the expression.
func (q *Query) takes(f *facts) bool {
	for _, field := range q.used {
		q.env[field.name] = field.of(f)
	}
	answer, err := q.machine.Run(q.program, q.env)
	if err != nil {
		if q.failed == nil {
			q.failed = located(err)
		}
		return false
	}
	return answer == true
}

// fieldNamed finds a name, nil where there is none.
func fieldNamed(name string) *field {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

// inNetwork is the function that `client in "10.0.0.0/8"` stands for.
const inNetwork = "in_network"

// networks makes that function. It reads each network once.
func networks() func(args ...any) (any, error) {
	known := make(map[string]netip.Prefix)
	return func(args ...any) (any, error) {
		endpoint, is := args[0].(string)
		if !is {
			return false, nil
		}
		text, _ := args[1].(string)
		network, ok := known[text]
		if !ok {
			var err error
			if network, err = parseNetwork(text); err != nil {
				return false, err
			}
			known[strings.Clone(text)] = network // it may be that of a message, which is borrowed
		}
		at, err := netip.ParseAddrPort(endpoint)
		return err == nil && network.Contains(at.Addr().Unmap().WithZone("")), nil
	}
}

// holdsText is the function that `text contains "word"` stands for.
const holdsText = "holds_text"

// holders makes that function. It looks for the octet of each word that is rare in messages, which is several times as
// fast as looking for the first one.
func holders() func(args ...any) (any, error) {
	known := make(map[string]*search.Pattern)
	return func(args ...any) (any, error) {
		word, _ := args[1].(string)
		p := known[word]
		if p == nil {
			var err error
			if p, err = search.New(word, search.Options{Fixed: true}); err != nil {
				return false, err
			}
			known[word] = p // it is of the expression
		}
		text, _ := args[0].(string)
		return p.In(text), nil
	}
}

// parseNetwork reads a network, or an address, which is a network of one.
func parseNetwork(text string) (netip.Prefix, error) {
	text, _ = strings.CutPrefix(text, "[") // of an endpoint of IPv6
	text, _ = strings.CutSuffix(text, "]")
	const mapped = 96 // bits before an IPv4 address in one of IPv6
	if p, err := netip.ParsePrefix(text); err == nil {
		if p.Addr().Is4In6() && p.Bits() >= mapped {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
		}
		return p.Masked(), nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().WithZone("").Prefix(a.Unmap().BitLen())
	}
	return netip.Prefix{}, fmt.Errorf("%q is no address or network such as 10.0.0.0/8", text)
}

// layouts are the ways to write a time: RFC 3339, or the beginning of it. UTC is meant where there is no zone.
var layouts = []struct {
	layout string
	end    func(begin time.Time) time.Time // of what the text names: a day, a minute
}{
	{time.RFC3339, nil}, {"2006-01-02T15:04Z07:00", after(time.Minute)}, {"2006-01-02T15:04:05", nil},
	{"2006-01-02T15:04", after(time.Minute)}, {"2006-01-02T15", after(time.Hour)},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
}

func after(d time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time { return t.Add(d) }
}

// parseTime reads a time, and gives the end of the span that it names: of a day, or of a millisecond where it has three
// decimals. Between day and time there may be a blank, as the table prints it.
func parseTime(text string) (begin, end time.Time, err error) {
	iso := strings.Replace(text, " ", "T", 1)
	for _, l := range layouts {
		t, err := time.Parse(l.layout, iso)
		switch {
		case err != nil:
			continue
		case l.end != nil:
			return t.UTC(), l.end(t).UTC(), nil
		}
		unit := time.Second
		if _, decimals, has := strings.Cut(iso, "."); has {
			for i := 0; i < len(decimals) && '0' <= decimals[i] && decimals[i] <= '9'; i++ {
				unit /= 10
			}
		}
		return t.UTC(), t.Add(max(unit, 1)).UTC(), nil
	}
	return time.Time{}, time.Time{}, fmt.Errorf("%q is no time such as 2024-05-01T10:00:00Z", text)
}

// checkNames are the names of all checks.
func checkNames() []string {
	names := make([]string, len(check.Catalogue))
	for i, c := range check.Catalogue {
		names[i] = c.Name
	}
	return names
}
