package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// display draws a screen of what goes on now, over and over, on the alternate screen of a terminal, and gives the
// terminal back as it was. A nil display draws nothing.
type display struct {
	terminal *os.File
	watch    *report.Watch
	source   *input
	from     string
	began    time.Time
	stop     chan struct{}
	follows  bool // the terminal's width, which was not asked to be another
	keyboard *keyboard
	controls report.Controls
	size     [2]int          // that was drawn for last
	drawn    report.Controls // likewise

	mu   sync.Mutex // over the terminal and what follows
	left bool
	err  io.Writer // for what was complained of meanwhile
	said []string
}

// drawEvery is how often a screen is drawn. A terminal that changed its size is drawn for by then.
const drawEvery = 250 * time.Millisecond

// Control sequences of terminals (ECMA-48, and xterm's private modes).
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // the alternate screen, no cursor, no wrapping of lines
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	toTop       = "\x1b[H"
	clearLine   = "\x1b[2K"
	clearBelow  = "\x1b[J"
)

// newDisplay begins to draw where the output is a watch.
func newDisplay(out output, source *input, std stdio, interfaces []string, follows bool) *display {
	watch, ok := out.(*report.Watch)
	terminal, is := std.out.(*os.File)
	if !ok || !is {
		return nil
	}
	d := &display{terminal: terminal, watch: watch, source: source, from: strings.Join(interfaces, ", "), began: time.Now(), follows: follows, err: std.err, stop: make(chan struct{})}
	d.keyboard = newKeyboard(std)
	fmt.Fprint(terminal, enterScreen)
	go d.run()
	return d
}

func (d *display) run() {
	defer d.leave()
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	asked, over, release := suspension()
	defer release()
	for {
		d.draw()
		select {
		case <-tick.C:
		case key := <-d.keyboard.told():
			raise(press(&d.controls, key))
		case <-asked:
			d.suspend(over)
		case <-d.stop:
			return
		}
	}
}

func (d *display) draw() {
	var dropped event.Dropped
	if d.source.live != nil {
		dropped = d.source.dropped()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left {
		return
	}
	width, height, err := term.GetSize(int(d.terminal.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	if d.controls.Paused && d.size == [2]int{width, height} && d.controls == d.drawn {
		return
	}
	d.size, d.drawn = [2]int{width, height}, d.controls
	m := report.Moment{Width: width, Height: height, Began: d.began, Now: time.Now(), Source: d.from, Dropped: dropped, Controls: d.controls}
	m.Keys = d.keyboard != nil
	if len(d.said) > 0 {
		m.Problem = strings.TrimPrefix(d.said[len(d.said)-1], "wshake: ")
	}
	var b strings.Builder
	b.WriteString(toTop)
	for i, line := range d.watch.Screen(m) {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(clearLine + line)
	}
	b.WriteString(clearBelow)
	io.WriteString(d.terminal, b.String())
}

// suspend gives the terminal to others until the process goes on.
func (d *display) suspend(over <-chan os.Signal) {
	d.mu.Lock()
	if !d.left {
		d.keyboard.give()
	}
	d.mu.Unlock()
	d.unlessLeft(leaveScreen)
	suspend()
	select {
	case <-over:
		d.mu.Lock()
		if !d.left {
			d.keyboard.take()
		}
		d.drawn.Paused = false // so that it is drawn
		d.mu.Unlock()
		d.unlessLeft(enterScreen)
	case <-d.stop:
	}
}

func (d *display) unlessLeft(sequence string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.left {
		io.WriteString(d.terminal, sequence)
	}
}

// leave gives the terminal back, once, and says what was complained of meanwhile. Nothing is drawn after it.
func (d *display) leave() {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left {
		return
	}
	d.left = true
	close(d.stop)
	io.WriteString(d.terminal, leaveScreen)
	d.keyboard.give()
	if width, _, err := term.GetSize(int(d.terminal.Fd())); err == nil && width > 0 && d.follows {
		d.watch.Resize(width) // what comes now is folded to the terminal as it is now
	}
	for _, line := range d.said {
		fmt.Fprintln(d.err, line)
	}
}

// beside is w, for lines that would tear the screen: they wait until it is left, and the last is shown on it.
func (d *display) beside(w io.Writer) io.Writer {
	if d == nil {
		return w
	}
	return (*besideDisplay)(d)
}

type besideDisplay display

// saidKept is how many lines wait. Of more the older half is lost.
const saidKept = 200

func (b *besideDisplay) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left {
		return b.err.Write(text)
	}
	if len(b.said) == saidKept {
		b.said = append(b.said[:0], b.said[saidKept/2:]...)
	}
	b.said = append(b.said, strings.TrimSuffix(string(text), "\n"))
	return len(text), nil
}
