package browse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
	"github.com/gdamore/tcell/v2"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Capture is what is shown.
type Capture interface {
	// Read gives the events of the capture to a receiver, from its beginning. where selects as --where does, "" takes
	// all; payload is how much of each message is kept, octets.
	Read(ctx context.Context, where string, payload int, to event.Receiver) error
	// Began is the time of its first packet, ns since the epoch, false before one with a time was read.
	Began() (int64, bool)
}

// rowsMost bounds the list.
const rowsMost = 2_000_000

// payloadMost is how much of a message is shown, octets.
const payloadMost = 64 << 10

// Browser is the program on the terminal.
type Browser struct {
	Clock report.Clock // of the times that are shown; set it before Run

	screen  tcell.Screen
	capture Capture
	title   string

	mu      sync.Mutex // over what loading changes
	rows    []row
	layout  layout // of the rows
	reading bool
	failed  error
	instead string // what the capture has where no row is listed
	cancel  context.CancelFunc

	panes  []*pane // the last is shown
	said   string  // on the last line, until the next key
	where  string
	prompt *prompt
}

// prompt asks for a line of text.
type prompt struct {
	label, text string
	done        func(text string)
}

// New makes one on a screen that is initialised. title names the capture.
func New(screen tcell.Screen, title string, capture Capture) *Browser {
	b := &Browser{screen: screen, capture: capture, title: report.Sanitise(title)}
	b.panes = []*pane{b.list()}
	return b
}

// list is the pane of all attempts.
func (b *Browser) list() *pane {
	return &pane{
		title: "attempts",
		head:  func(width int) string { b.mu.Lock(); defer b.mu.Unlock(); return b.fitted(width).head() },
		count: func() int { b.mu.Lock(); defer b.mu.Unlock(); return len(b.rows) },
		line: func(i int) (string, tcell.Style) {
			b.mu.Lock()
			defer b.mu.Unlock()
			r := &b.rows[i]
			return r.text(r.when(b.Clock, b.capture.Began)), r.style()
		},
		drawn: func(i, width int) string {
			b.mu.Lock()
			defer b.mu.Unlock()
			r := &b.rows[i]
			return b.fitted(width).line(r.conn, r.when(b.Clock, b.capture.Began), r.answer, r.where, r.findings(),
				r.client)
		},
		packet: func(i int) uint64 { b.mu.Lock(); defer b.mu.Unlock(); return b.rows[i].packet },
		open:   b.openConversation,
	}
}

// fitted is the layout of the list on a screen of so many columns.
func (b *Browser) fitted(width int) layout {
	l := b.layout
	if l.when = relativeWhen; b.Clock == report.Absolute {
		l.when = datedWhen
	}
	return l.fitted(width)
}

// collector fills the list. The two legs of a proxy are one row.
type collector struct {
	event.Ignore
	b    *Browser
	legs report.Legs // by the indexes of their rows
}

func (c *collector) Handshake(h *event.Handshake) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if len(c.b.rows) == rowsMost {
		return
	}
	r, leg := newRow(h), report.LegOf(h)
	i, paired := c.legs.Pair(leg, len(c.b.rows))
	switch {
	case !paired:
		i = len(c.b.rows)
		c.b.rows = append(c.b.rows, r)
	case leg.Front():
		c.b.rows[i] = joined(r, c.b.rows[i])
	default:
		c.b.rows[i] = joined(c.b.rows[i], r)
	}
	c.b.layout.learn(&c.b.rows[i])
}

// Summary says why there is no attempt.
func (c *collector) Summary(s *event.Summary) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	c.b.instead = report.NothingFound(s)
	all := uint64(0)
	for _, n := range s.Handshakes {
		all += n
	}
	if all > 0 {
		c.b.instead = fmt.Sprintf("Of the capture's handshakes, %d, none fits what was asked for.", all)
	}
}

// read fills the list anew with what where takes.
func (b *Browser) read(ctx context.Context, where string) {
	b.stop()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	b.mu.Lock()
	b.rows, b.reading, b.failed, b.instead = nil, true, nil, ""
	b.layout = layout{conn: connLeast, answer: answerLeast}
	b.cancel = func() { cancel(); <-done }
	b.mu.Unlock()
	go func() {
		defer close(done)
		err := b.capture.Read(ctx, where, 0, &collector{b: b})
		b.mu.Lock()
		b.reading = false
		if ctx.Err() == nil {
			b.failed = err
		}
		b.mu.Unlock()
		b.screen.PostEvent(tcell.NewEventInterrupt(nil))
	}()
}

// stop ends what is being read.
func (b *Browser) stop() {
	b.mu.Lock()
	cancel := b.cancel
	b.cancel = nil
	b.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// openConversation reads one conversation from the capture again.
func (b *Browser) openConversation(i int) {
	b.mu.Lock()
	r := b.rows[i]
	b.mu.Unlock()
	c := newConversation(r.targets, report.Options{Pretty: true, Clock: b.Clock, Start: b.capture.Began})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.said = "reading…"
	b.draw()
	if err := b.capture.Read(ctx, "", payloadMost, c); err != nil {
		b.said = report.Sanitise(err.Error())
	} else {
		b.said = ""
	}
	p := &pane{
		title: "connection " + r.conn, count: c.count,
		line:   func(i int) (string, tcell.Style) { e := c.entry(i); return e.preview(), styleOf(e.lines[0]) },
		packet: func(i int) uint64 { return c.entry(i).packet },
		text:   func(i int) string { return c.entry(i).text() },
		whole:  func(i int) string { return c.entry(i).text() },
	}
	p.open = func(i int) {
		e := c.entry(i)
		lines, of := b.folded(e.lines)
		p := linesPane(fmt.Sprintf("connection %s, packet %d", r.conn, e.packet), lines)
		p.whole = func(i int) string { return of[i] }
		b.panes = append(b.panes, p)
	}
	b.panes = append(b.panes, p)
}

// transcript shows all lines of the conversation that is open.
func (b *Browser) transcript() {
	p := b.shown()
	if p.open == nil || p.whole == nil {
		return
	}
	var all []string
	for i := range p.count() {
		all = append(all, strings.Split(p.whole(i), "\n")...)
	}
	b.panes = append(b.panes, linesPane(p.title+", transcript", all))
}

// folded breaks the lines of a transcript where the screen ends, and says of which line each is.
func (b *Browser) folded(lines []string) (all, of []string) {
	const text = 16 // the column where the text of a transcript begins
	width, _ := b.screen.Size()
	if width < 2*text {
		return lines, lines
	}
	for _, line := range lines {
		begins := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(begins)]
		for _, part := range report.Fold(begins, width-len(indent), width-text) {
			all, of = append(all, indent+part), append(of, line)
			indent = strings.Repeat(" ", text)
		}
	}
	return all, of
}

func linesPane(title string, lines []string) *pane {
	return &pane{title: title, count: func() int { return len(lines) }, line: func(i int) (string, tcell.Style) { return lines[i], styleOf(lines[i]) }}
}

// styleOf colours findings in a transcript.
func styleOf(line string) tcell.Style {
	switch {
	case strings.Contains(line, "  -  error "):
		return tcell.StyleDefault.Foreground(tcell.ColorRed)
	case strings.Contains(line, "  -  warning "), strings.Contains(line, "  -  caveat "):
		return tcell.StyleDefault.Foreground(tcell.ColorYellow)
	}
	return tcell.StyleDefault
}

func (b *Browser) shown() *pane { return b.panes[len(b.panes)-1] }

// drawEvery is how often the list is drawn while it is read.
const drawEvery = 200 * time.Millisecond

// Run shows the capture until the user leaves or ctx is done.
func (b *Browser) Run(ctx context.Context, where string) {
	b.where = where
	b.read(ctx, where)
	defer b.stop()
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	events, quit := make(chan tcell.Event, 16), make(chan struct{})
	defer close(quit)
	go b.screen.ChannelEvents(events, quit)
	b.draw()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.mu.Lock()
			reading := b.reading
			b.mu.Unlock()
			if !reading {
				continue
			}
		case e, more := <-events:
			if !more || !b.handle(ctx, e) {
				return
			}
		}
		b.draw()
	}
}

// handle takes a key, a click or a new size, false where the user leaves.
func (b *Browser) handle(ctx context.Context, e tcell.Event) bool {
	switch e := e.(type) {
	case *tcell.EventResize:
		b.screen.Sync()
	case *tcell.EventMouse:
		b.mouse(e)
	case *tcell.EventKey:
		b.said = ""
		if b.prompt != nil {
			b.typed(e)
			return true
		}
		return b.key(ctx, e)
	}
	return true
}

func (b *Browser) mouse(e *tcell.EventMouse) {
	p := b.shown()
	_, y := e.Position()
	switch e.Buttons() {
	case tcell.WheelUp:
		p.move(-3)
	case tcell.WheelDown:
		p.move(3)
	case tcell.Button1:
		if i := p.top + y - b.above(); y >= b.above() && i < p.count() {
			if i == p.cursor && p.open != nil {
				p.open(i)
				return
			}
			p.at(i)
		}
	}
}

// key takes a command.
func (b *Browser) key(ctx context.Context, e *tcell.EventKey) bool {
	p := b.shown()
	page := max(b.height()-1, 1)
	switch e.Key() {
	case tcell.KeyCtrlC:
		return false
	case tcell.KeyUp:
		p.move(-1)
	case tcell.KeyDown:
		p.move(1)
	case tcell.KeyPgUp:
		p.move(-page)
	case tcell.KeyPgDn:
		p.move(page)
	case tcell.KeyHome:
		p.at(0)
	case tcell.KeyEnd:
		p.at(p.count() - 1)
	case tcell.KeyLeft:
		p.left = max(0, p.left-8)
	case tcell.KeyRight:
		p.left += 8
	case tcell.KeyEnter:
		if p.open != nil && p.count() > 0 {
			p.open(p.cursor)
		}
	case tcell.KeyEscape:
		if len(b.panes) > 1 {
			b.panes = b.panes[:len(b.panes)-1]
		}
	case tcell.KeyRune:
		return b.letter(ctx, p, e.Rune())
	}
	return true
}

func (b *Browser) letter(ctx context.Context, p *pane, r rune) bool {
	switch r {
	case 'q':
		if len(b.panes) == 1 {
			return false
		}
		b.panes = b.panes[:len(b.panes)-1]
	case 'j':
		p.move(1)
	case 'k':
		p.move(-1)
	case 'g':
		p.at(0)
	case 'G':
		p.at(p.count() - 1)
	case 't':
		b.transcript()
	case '?':
		if p.title == keysTitle {
			b.panes = b.panes[:len(b.panes)-1]
			break
		}
		b.panes = append(b.panes, linesPane(keysTitle, strings.Split(keys, "\n")))
	case '/':
		b.prompt = &prompt{label: "search: ", done: func(text string) {
			p.sought = text
			b.next(p, 1)
		}}
	case 'n':
		b.next(p, 1)
	case 'N':
		b.next(p, -1)
	case 'f':
		b.prompt = &prompt{label: "where: ", text: b.where, done: func(text string) {
			b.where = text
			b.panes = b.panes[:1]
			b.panes[0].at(0)
			b.read(ctx, text)
		}}
	case ':':
		b.prompt = &prompt{label: "packet: ", done: func(text string) {
			n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
			if err != nil || !p.jump(n) {
				b.said = fmt.Sprintf("no packet %q here", text)
			}
		}}
	case 'y':
		if text := p.copied(); text != "" {
			b.screen.SetClipboard([]byte(text))
			b.said = fmt.Sprintf("copied %d characters", len([]rune(text)))
		}
	}
	return true
}

func (b *Browser) next(p *pane, by int) {
	if p.sought == "" || p.count() == 0 || !p.find(by) {
		b.said = fmt.Sprintf("%q is not found", p.sought)
	}
}

// typed takes a key while a line is asked for.
func (b *Browser) typed(e *tcell.EventKey) {
	p := b.prompt
	switch e.Key() {
	case tcell.KeyEnter:
		b.prompt = nil
		p.done(p.text)
	case tcell.KeyEscape, tcell.KeyCtrlC:
		b.prompt = nil
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		if letters := []rune(p.text); len(letters) > 0 {
			p.text = string(letters[:len(letters)-1])
		}
	case tcell.KeyCtrlU:
		p.text = ""
	case tcell.KeyRune:
		p.text += string(e.Rune())
	}
}

const keys = `up, down, j, k        one line         left, right   sideways
PgUp, PgDn            one page         g, G, Home, End   first, last
Enter, click again    open: a conversation, a message
Esc, q                back, and out of the list
/  n  N               search, next, before
f                     only what --where takes, such as: status >= 400
:                     jump to a packet
t                     all of a conversation as a transcript
y                     copy the line, or the message, as text
?                     this page, or back`

const keysTitle = "keys"

// above is how many lines stand above the pane's own.
func (b *Browser) above() int {
	if b.shown().head != nil {
		return 2
	}
	return 1
}

// height is how many lines of the pane are seen.
func (b *Browser) height() int {
	_, h := b.screen.Size()
	return max(h-b.above()-1, 0)
}

func (b *Browser) draw() {
	b.screen.Clear()
	width, height := b.screen.Size()
	p := b.shown()
	p.seen(max(b.height(), 1))
	b.put(0, b.heading(p), tcell.StyleDefault.Bold(true), 0)
	if p.head != nil {
		b.put(1, p.head(width+p.left), tcell.StyleDefault.Dim(true), p.left)
	}
	for y := range b.height() {
		i := p.top + y
		if i >= p.count() {
			break
		}
		text, style := p.line(i)
		if p.drawn != nil {
			text = p.drawn(i, width+p.left)
		}
		if i == p.cursor {
			style = style.Reverse(true)
			text += strings.Repeat(" ", max(0, width-displaywidth.String(text)+p.left))
		}
		b.put(y+b.above(), text, style, p.left)
	}
	for y, line := range b.excuse(width) {
		b.put(y+b.above(), line, tcell.StyleDefault.Foreground(tcell.ColorRed), 0)
	}
	last := footer(width)
	switch {
	case b.prompt != nil:
		last = b.prompt.label + report.Sanitise(b.prompt.text)
		b.screen.ShowCursor(min(displaywidth.String(last), width-1), height-1)
	case b.said != "":
		last = b.said
	}
	if b.prompt == nil {
		b.screen.HideCursor()
	}
	b.put(height-1, last, tcell.StyleDefault.Dim(b.prompt == nil && b.said == ""), 0)
	b.screen.Show()
}

// excuse says why the list is empty, in place of its rows.
func (b *Browser) excuse(width int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var text string
	switch {
	case b.reading || len(b.rows) > 0 || len(b.panes) > 1:
		return nil
	case b.failed != nil:
		text = report.Sanitise(b.failed.Error())
	case b.instead != "":
		text = b.instead
	default:
		text = "There is no WebSocket handshake."
	}
	return report.Fold(text, width, width)
}

// heading names the capture, the pane, and where in it the cursor is.
func (b *Browser) heading(p *pane) string {
	n := p.count()
	s := fmt.Sprintf("%s  %s  %d/%d", b.title, p.title, min(p.cursor+1, n), n)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.where != "" {
		s += "  where " + report.Sanitise(b.where)
	}
	switch {
	case b.reading:
		s += "  reading…"
	case b.failed != nil && len(b.rows) > 0:
		s += "  " + report.Sanitise(b.failed.Error())
	case len(b.rows) == rowsMost:
		s += "  there are more"
	}
	return s
}

// put writes a line from a column on, cut to the screen.
func (b *Browser) put(y int, text string, style tcell.Style, from int) {
	width, _ := b.screen.Size()
	x := -from
	for g := displaywidth.StringGraphemes(text); g.Next(); {
		w := g.Width()
		if x >= width {
			return
		}
		if x >= 0 && x+w <= width {
			letters := []rune(g.Value())
			b.screen.SetContent(x, y, letters[0], letters[1:], style)
		}
		x += w
	}
}
