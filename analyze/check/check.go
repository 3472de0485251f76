// Package check is the catalogue: every rule that wshake judges traffic by, each in one place with its section
// beside it.
//
// # Design
//
// A check is a row and one function, side by side in the file of their group. The row holds what never changes: the
// fixed name, the level, who is at fault, the citation, what must have been seen (Needs), and the words that
// explain it. The function is pure: it gets facts (an Exchange, a frame, a message, the end of a connection, the
// two legs of a proxy) and says what it found, as often as it found it. It is only run where all that the row needs
// was captured. Catalogue puts the rows in order; from it come CHECKS.md, `wshake checks`, the selection flags and
// the tests that walk it.
package check

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Check is one row of the catalogue. Its functions are set for the facts it judges, nearly always one.
type Check struct {
	ID          string // of the rule; several checks may share it
	Name        string // unique, fixed for ever
	Level       event.Level
	Fault       event.Fault // NoFault where the function names the side, or nobody is at fault
	Citation    string      // the source of the rule, e.g. "RFC 6455 §4.2.2"
	OverQUIC    string      // its source over HTTP/3, where that is another
	When        string      // when it is reported, in one line
	Description string      // what it means, at length
	Advice      string      // how to fix it, in a sentence that can be acted on
	Needs       Needs       // what must have been seen before it can speak
	Follows     []string    // names of checks: where one of them was reported, this is its consequence; the likeliest first

	Exchange func(*Exchange, Report)
	Frame    func(*Frame, Report)
	Message  func(*Message, Report)
	Loss     func(*ws.Loss, Report)
	Ending   func(*Ending, Report)
	Conflict func(*Conflict, Report)
	Repeat   func(*Repeat, Report)
	// The requests of two legs are compared when the first of them was answered, their answers when both were.
	LegRequests func(*Legs, Report)
	LegAnswers  func(*Legs, Report)
	Transport   func(*Transport, Report)
	Streams     func(*Streams, Report)
	Elsewhere   func(*Elsewhere, Report)
	// Pongs and AfterRefusal judge what only shows later.
	Pongs        func(*Pongs, Report)
	AfterRefusal func(*AfterRefusal, Report)
	Cut          func(*Cut, Report)
	Session      func(*Session, Report)
}

// Detail is what a check found this time. Empty fields fall back to the check's own.
type Detail struct {
	At       event.At
	Conn     *event.Conn // whose packet At is, where it is not the one being judged
	Text     string      // one sentence with the values
	Seen     string
	Wanted   string
	Advice   string
	Citation string
	Fault    event.Fault
	Follows  []string // likewise, before those of the check
}

// Report takes a Detail.
type Report func(Detail)

// Set is a selection of the catalogue, ready to run. It is read-only and shared by all workers.
type Set struct {
	allowed map[string]bool
	byStage [stages][]*Check
}

// stage is a kind of facts that checks judge.

type stage int

const (
	stageExchange stage = iota
	stageFrame
	stageMessage
	stageLoss
	stageEnding
	stageConflict
	stageRepeat
	stageLegRequests
	stageLegAnswers
	stageTransport
	stageStreams
	stageElsewhere
	stagePongs
	stageAfterRefusal
	stageCut
	stageSession
	stages
)

// serves says in which stages c has something to say.
func (c *Check) serves(st stage) bool {
	return [stages]bool{c.Exchange != nil, c.Frame != nil, c.Message != nil, c.Loss != nil, c.Ending != nil, c.Conflict != nil,
		c.Repeat != nil, c.LegRequests != nil, c.LegAnswers != nil, c.Transport != nil, c.Streams != nil, c.Elsewhere != nil,
		c.Pongs != nil, c.AfterRefusal != nil, c.Cut != nil, c.Session != nil}[st]
}

// NewSet selects checks. Both lists hold words that Matching understands ("error", "REQ-05", "MID-*",
// "accept-mismatch"); an empty sel means all. ignore wins over sel. An unknown word is an error that names it.
func NewSet(sel, ignore []string) (*Set, error) {
	s := &Set{allowed: make(map[string]bool)}
	for _, list := range [][]string{sel, ignore} {
		for _, word := range list {
			if len(Matching(word)) == 0 {
				return nil, fmt.Errorf("there is no check, id, group or level %q", word)
			}
		}
	}
	for _, c := range Catalogue {
		s.allowed[c.Name] = len(sel) == 0
		for st := range stages {
			if c.serves(st) {
				s.byStage[st] = append(s.byStage[st], c)
			}
		}
	}
	for _, word := range sel {
		for _, c := range Matching(word) {
			s.allowed[c.Name] = true
		}
	}
	for _, word := range ignore {
		for _, c := range Matching(word) {
			s.allowed[c.Name] = false
		}
	}
	return s, nil
}

// Matching gives the checks that a name, id, group of ids or level stands for. In names and ids * stands for anything:
// MID-*, deflate-*.
func Matching(word string) []*Check {
	var found []*Check
	for _, c := range Catalogue {
		if c.matches(word) {
			found = append(found, c)
		}
	}
	return found
}

func (c *Check) matches(word string) bool {
	if c.Name == word || strings.EqualFold(c.ID, word) || strings.EqualFold(c.group(), word) || c.Level.String() == word {
		return true
	}
	if !strings.Contains(word, "*") {
		return false
	}
	byName, err := path.Match(word, c.Name)
	byID, _ := path.Match(strings.ToUpper(word), c.ID)
	return err == nil && (byName || byID)
}

// group is the part of an id before its number: MID of MID-01.
func (c *Check) group() string {
	name, _, _ := strings.Cut(c.ID, "-")
	return name
}

// Words lists what Matching understands without a *: names, ids, groups and levels.
func Words() []string {
	var words []string
	for l := range event.Level(event.Levels) {
		words = append(words, l.String())
	}
	for _, c := range Catalogue {
		for _, word := range []string{c.Name, c.ID, c.group()} {
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words
}

// Allowed says whether findings of c are wanted.
func (s *Set) Allowed(name string) bool { return s.allowed[name] }

// finding completes a Detail with what its check says of itself.
func (c *Check) finding(conn *event.Conn, d Detail) *event.Finding {
	f := &event.Finding{Conn: conn, At: d.At, ID: c.ID, Name: c.Name, Level: c.Level, Fault: c.Fault, Text: d.Text,
		Seen: d.Seen, Wanted: d.Wanted, Section: c.Citation, Advice: c.Advice, Causes: c.Follows}
	if d.Conn != nil {
		f.Conn = d.Conn
	}
	if c.OverQUIC != "" && f.Conn != nil && f.Conn.UDP {
		f.Section = c.OverQUIC
	}
	if d.Fault != event.NoFault {
		f.Fault = d.Fault
	}
	if d.Follows != nil {
		f.Causes = slices.Concat(d.Follows, c.Follows)
	}
	if d.Advice != "" {
		f.Advice = d.Advice
	}
	if d.Citation != "" {
		f.Section = d.Citation
	}
	return f
}

// collector takes what the checks of a stage report, selected or not.
type collector struct {
	conn   *event.Conn
	check  *Check // that is running
	found  []*event.Finding
	report Report
	// counted is the check that reported last, reports how often it did.
	counted *Check
	reports int
}

// maxReports is how often a check may report one fact, such as a handshake. Beyond that its reports are counted.
const maxReports = 64

// tellMore completes the last finding of a check that reported more often than is kept.
func (l *collector) tellMore() {
	if more := l.reports - maxReports; more > 0 {
		l.found[len(l.found)-1].Text += fmt.Sprintf("; and %d more findings of this kind here", more)
	}
}

// collectors are used again: nearly all end with nothing found, and making one costs more than many a check.
var collectors = sync.Pool{New: func() any {
	l := new(collector)
	l.report = func(d Detail) {
		if l.check != l.counted {
			l.tellMore()
			l.counted, l.reports = l.check, 0
		}
		if l.reports++; l.reports <= maxReports {
			l.found = append(l.found, l.check.finding(l.conn, d))
		}
	}
	return l
}}

func collect(conn *event.Conn) *collector {
	l := collectors.Get().(*collector)
	l.conn = conn
	return l
}

// close gives what was found. The collector is not to be used any more.
func (l *collector) close() []*event.Finding {
	l.tellMore()
	found := l.found
	l.conn, l.check, l.found, l.counted, l.reports = nil, nil, nil, nil, 0
	collectors.Put(l)
	return found
}

// run calls call for every check of a stage whose needs were seen, and gives what they report, selected or not.
func (s *Set) run(st stage, seen Needs, conn *event.Conn, call func(*Check, Report)) []*event.Finding {
	l := collect(conn)
	for _, c := range s.byStage[st] {
		if c.Needs&needsOf[st]&^seen == 0 {
			l.check = c
			call(c, l.report)
		}
	}
	return l.close()
}

// selected drops what the selection does not want.
func (s *Set) selected(found []*event.Finding) []*event.Finding {
	kept := found[:0]
	for _, f := range found {
		if s.allowed[f.Name] {
			kept = append(kept, f)
		}
	}
	return kept
}
