package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wshake/analyze/event"
)

// digest gathers findings into stories: a root with its cause, by host, and what followed from it. Of each it keeps what
// will be printed and counts the rest.
type digest struct {
	all     bool     // everything is kept and printed
	stories []*story // in the order of their first finding
	byCause map[cause]*story
	byRoot  map[root]*story // the newest of them
	byName  map[string]*story
	follows []*consequence // in the order of their first
	byWhich map[which]*consequence
	early   []waiting // consequences whose root was not told yet
}

// waiting is a consequence that came before its root.
type waiting struct {
	finding event.Finding
	place   string
}

// cause is what the findings of a story have in common.
type cause struct{ name, host, words string }

// root is one finding of a story.
type root struct {
	conn *event.Conn
	name string
}

// story is the findings of one check that have one cause, at one host.
type story struct {
	first   event.Finding
	host    string
	faults  []string // of whom, each once
	count   uint64
	omitted bool      // some of them had no event
	cases   []finding // the first few
	places  []string  // of the next few
	follows []*consequence
	costs   bool // it refused every attempt at its host, or is a failure of the server
	refused string
}

type finding struct{ place, text, advice string }

// which is what the findings of a consequence have in common.
type which struct {
	root *story
	name string
}

// consequence is the findings of one check that follow from a story.
type consequence struct {
	first event.Finding
	place string
	peers string
	text  string
	count uint64
	of    root
}

// How much is kept of a story, and of stories.
const (
	casesShown    = 3
	placesShown   = 5
	maxStories    = 1 << 10 // beyond that all hosts and causes of a check are one story
	maxRoots      = 1 << 16
	maxFollowing  = 1 << 12
	maxEarly      = 1 << 10
	maxFollowed   = 12 // consequences of a story that are printed, by check
	causeColumns  = 400
	followColumns = 160
)

// sentenceMost bounds a sentence that is kept, columns.
const sentenceMost = 600

// differs are parts of a sentence that differ where the cause is the same: durations, numbers, addresses.
var (
	durations = regexp.MustCompile(`[0-9][0-9.,]* ?(?:µs|ms|s|min|h)\b`)
	numbers   = regexp.MustCompile(`[0-9a-fA-F]*[0-9][0-9a-fA-F.:,]*`)
	quotedIn  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"…?(?: \([0-9]+ octets\))?`)
)

// causeOf is what two findings of a check have in common where their cause is the same: of a refusal what it says, of
// others the advice.
func causeOf(f *event.Finding) string {
	words := f.Advice
	if f.Name == "handshake-refused" || f.Name == "app-error" {
		words = f.Text
	} else {
		words = quotedIn.ReplaceAllString(words, "\"\"")
	}
	words = ahead(words, causeColumns)
	return f.Fault.String() + numbers.ReplaceAllString(durations.ReplaceAllString(words, "#"), "#")
}

func (d *digest) add(f *event.Finding, place string) {
	if d.byCause == nil {
		d.byCause, d.byRoot, d.byName = make(map[cause]*story), make(map[root]*story), make(map[string]*story)
		d.byWhich = make(map[which]*consequence)
	}
	if f.Follows != nil {
		if d.follow(f, place) {
			return
		}
		if len(d.early) < maxEarly {
			d.early = append(d.early, waiting{*f, place})
			return
		}
	}
	d.tell(f, place)
}

// tell adds a root, or what has none that is known.
func (d *digest) tell(f *event.Finding, place string) {
	s := d.storyOf(f)
	s.count++
	if peers := between(f.Conn); peers != "" {
		place += "  " + peers
	}
	if len(d.byRoot) < maxRoots && f.Conn != nil {
		d.byRoot[root{f.Conn, f.Name}] = s
	}
	if fault := f.Fault.String(); fault != "" && !slices.Contains(s.faults, fault) {
		s.faults = append(s.faults, fault)
	}
	switch {
	case len(s.cases) < casesShown || d.all:
		s.cases = append(s.cases, finding{place, sentence(f.Text), sentence(f.Advice)})
	case len(s.places) < placesShown:
		s.places = append(s.places, strconv.FormatUint(f.At.Number, 10))
	}
}

// settle puts the consequences that came before their roots below them; of what follows from one of them the root is
// known when that is.
func (d *digest) settle() {
	for range 2 {
		left := d.early[:0]
		for _, w := range d.early {
			if !d.follow(&w.finding, w.place) {
				left = append(left, w)
			}
		}
		d.early = left
	}
	for _, w := range d.early { // the root is not shown
		d.tell(&w.finding, w.place)
	}
	d.early = nil
}

// storyOf finds the story that a root belongs to, or begins one.
func (d *digest) storyOf(f *event.Finding) *story {
	key := cause{f.Name, f.Host, causeOf(f)}
	if s := d.byCause[key]; s != nil {
		return s
	}
	if len(d.stories) >= maxStories {
		if s := d.byName[f.Name]; s != nil {
			return s
		}
	}
	s := &story{first: *f, host: Sanitise(ahead(f.Host, hostLength))}
	d.stories = append(d.stories, s)
	d.byCause[key] = s
	if d.byName[f.Name] == nil {
		d.byName[f.Name] = s
	}
	return s
}

// follow puts a consequence below its root, and reports whether that is known.
func (d *digest) follow(f *event.Finding, place string) bool {
	of := root{f.Follows.Conn, f.Follows.Name}
	s := d.byRoot[of]
	if s == nil {
		return false
	}
	key := which{s, f.Name}
	c := d.byWhich[key]
	if c == nil && len(d.follows) >= maxFollowing {
		return false
	}
	if c == nil {
		c = &consequence{first: *f, place: place, peers: between(f.Conn),
			text: fit(Sanitise(ahead(f.Text, followColumns)), followColumns), of: of}
		d.byWhich[key] = c
		d.follows = append(d.follows, c)
		s.follows = append(s.follows, c)
	} else if d.all {
		again := &consequence{first: *f, place: place, peers: between(f.Conn), text: sentence(f.Text), of: of, count: 1}
		s.follows = append(s.follows, again)
		if f.Conn != nil && len(d.byRoot) < maxRoots {
			d.byRoot[root{f.Conn, f.Name}] = s
		}
		return true
	}
	c.count++
	if f.Conn != nil && len(d.byRoot) < maxRoots {
		d.byRoot[root{f.Conn, f.Name}] = s // what follows from this follows from that
	}
	return true
}

// omit counts findings that have no event.
func (d *digest) omit(o *event.Omitted) {
	if s := d.byName[o.Check]; s != nil {
		s.count += o.Count
		s.omitted = true
		return
	}
	for _, c := range d.follows {
		if c.first.Name == o.Check {
			c.count += o.Count
			return
		}
	}
}

// cost tells the stories what they cost: hosts whose every attempt was refused.
func (d *digest) cost(list []event.Host) {
	refused := make(map[string]*event.Host)
	for i := range list {
		if list[i].AllRefused() {
			refused[list[i].Name] = &list[i]
		}
	}
	for _, s := range d.stories {
		for _, c := range s.follows {
			s.costs = s.costs || c.first.Name == "handshake-refused" && refused[c.first.Host] != nil
		}
		if s.first.Name != "handshake-refused" {
			continue
		}
		if h := refused[s.first.Host]; h != nil {
			s.costs = true
			s.refused = "the only attempt at this host was refused"
			if h.Attempts > 1 {
				s.refused = fmt.Sprintf("all %s attempts at this host were refused", number(h.Attempts))
			}
			s.refused += ", which counts as a warning"
		}
		s.costs = s.costs || serverError.MatchString(s.first.Seen)
	}
}

// serverError is a status line of a 5xx.
var serverError = regexp.MustCompile(`^(HTTP/[0-9.]+ )?5[0-9][0-9]\b`)

// sentence makes text fit for printing and bounds it.
func sentence(text string) string { return fit(Sanitise(ahead(text, sentenceMost)), sentenceMost) }

// print prints the story with the worst finding first, then what names a hop between, then in the order of the first
// findings.
func (d *digest) print(o *output) {
	slices.SortStableFunc(d.stories, func(a, b *story) int { return cmp.Compare(b.rank(), a.rank()) })
	for _, s := range d.stories {
		o.section()
		s.print(o, d.all)
	}
}

// rank orders findings by what a reader should see first: the gravest, and of those what names a hop between, which
// explains others.
func rank(f *event.Finding) int {
	if strings.HasPrefix(f.ID, "MID-") || f.Name == "accept-of-another-key" {
		return 2*int(f.Level) + 1
	}
	return 2 * int(f.Level)
}

// rank is that of its gravest finding; a refusal that costs much is as grave as a warning.
func (s *story) rank() int {
	most := rank(&s.first)
	for _, c := range s.follows {
		most = max(most, 2*int(c.first.Level))
	}
	if s.costs {
		most = max(most, 2*int(event.Warning)+1)
	}
	return most
}

func (s *story) print(o *output, all bool) {
	level := s.first.Level.String()
	source := []string{s.first.ID}
	if s.first.Section != "" {
		source = append(source, s.first.Section)
	}
	if len(s.faults) > 0 {
		source = append(source, strings.Join(s.faults, " and "))
	}
	text := " " + s.first.Name + " (" + strings.Join(source, ", ") + ")"
	if s.host != "" {
		text += " " + s.host
	}
	if s.count > 1 {
		text += ", " + number(s.count) + " times"
	}
	if s.refused != "" {
		text += ": " + s.refused
	}
	o.paragraph(paragraph{word: level, tint: levelTint(s.first.Level), text: text, indent: 2})
	var advised []string
	for i, c := range s.cases {
		text := c.text
		if i > 0 && text == s.cases[i-1].text && !all {
			text = "the same"
		}
		o.paragraph(paragraph{head: "  ", text: c.place + "  " + text, indent: 4})
		if c.advice != "" && !slices.Contains(advised, c.advice) {
			advised = append(advised, c.advice)
		}
	}
	if more := s.count - uint64(len(s.cases)); more > 0 {
		said := "… and " + number(more) + " more of the same cause"
		if len(s.places) > 0 {
			said += ", packets " + strings.Join(s.places, ", ")
			if more > uint64(len(s.places)) {
				said += ", …"
			}
		}
		if !all || s.omitted {
			said += " (--all lists them)"
		}
		o.paragraph(paragraph{head: "  ", text: said, indent: 4})
	}
	for _, advice := range advised {
		o.paragraph(paragraph{head: "  ", word: "advice:", tint: faint, text: " " + advice, indent: 4})
	}
	for i, c := range s.follows {
		if i == maxFollowed && !all {
			o.paragraph(paragraph{head: "  ", text: fmt.Sprintf("… and %s more that follow from it (--all lists them)", number(uint64(len(s.follows)-i))), indent: 4})
			break
		}
		c.print(o)
	}
}

// print tells a consequence in one line. Where that is too long, the packet alone says where.
func (c *consequence) print(o *output) {
	head := "  follows: "
	line := " " + c.first.Name + ", "
	if c.count > 1 {
		line += number(c.count) + " times, the first in "
	}
	line += c.place
	word := c.first.Level.String()
	room := max(o.width-columns(head)-columns(word), 1)
	if whole := line + "  " + c.peers + "  " + c.text; c.peers != "" && (o.width == 0 || columns(whole) <= room) {
		line = whole
	} else {
		line += "  " + c.text
	}
	if o.width > 0 {
		line = fit(line, room)
	}
	o.paragraph(paragraph{head: head, word: word, tint: levelTint(c.first.Level), text: line, indent: 4})
}
