package browse

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// attempts is a capture of n handshakes, every third refused, and two messages each.
type attempts int

func (attempts) Began() (int64, bool) { return -1e9, true }

func (n attempts) Read(ctx context.Context, where string, payload int, to event.Receiver) error {
	for i := range int(n) {
		c := &event.Conn{Ordinal: uint64(i + 1), Peer: [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:4000"), netip.MustParseAddrPort("10.0.0.2:80")}}
		at := event.At{Ordinal: uint64(10 * i), Number: uint64(10*i + 1), Time: int64(i) * 1e6}
		head := &event.Head{Method: "GET", Target: fmt.Sprintf("/chat/%d\x1b[2J", i), StartLine: "GET /chat HTTP/1.1", First: at, Last: at}
		h := &event.Handshake{Conn: c, At: at, Transport: "http/1.1", Request: head, Verdict: event.Established, Response: &event.Head{Status: 101, StartLine: "HTTP/1.1 101 x", First: at, Last: at}}
		if i%3 == 2 {
			h.Verdict, h.Response = event.Refused, &event.Head{Status: 403, StartLine: "HTTP/1.1 403 x", First: at, Last: at}
		}
		if where != "" && h.Verdict != event.Refused {
			continue
		}
		to.Handshake(h)
		if payload == 0 {
			continue
		}
		for m := range 2 {
			at.Number++
			to.Message(&event.Message{Conn: c, At: at, First: at, Opcode: event.OpText, Length: event.Some(uint64(5)), Frames: 1, Complete: true,
				Payload: event.Payload{Kept: true, Text: true, Data: []byte(fmt.Sprintf("said %d", m))}})
		}
	}
	return nil
}

// legs is a capture of one attempt through a proxy: the leg to the backend is told first.
type legs struct{}

func (legs) Began() (int64, bool) { return 0, true }

func (legs) Read(ctx context.Context, where string, payload int, to event.Receiver) error {
	conns := [2]*event.Conn{}
	for i := range conns {
		conns[i] = &event.Conn{Ordinal: uint64(i + 1), Peer: [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:4000"),
			netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), uint16(80+i))}}
	}
	for _, i := range []int{1, 0} {
		at := event.At{Ordinal: uint64(4 - i), Number: uint64(4 - i), Time: int64(4-i) * 1e9}
		h := &event.Handshake{Conn: conns[i], At: at, Transport: "http/1.1", Verdict: event.Refused,
			Request:  &event.Head{Method: "GET", Target: "/chat", StartLine: "GET /chat HTTP/1.1", First: at, Last: at},
			Response: &event.Head{Status: 400 + 102*(1-i), StartLine: "HTTP/1.1 400 x", First: at, Last: at},
			OtherLeg: &event.OtherLeg{Role: [2]event.LegRole{event.UpstreamLeg, event.DownstreamLeg}[i], Conn: conns[1-i]}}
		if i == 1 {
			h.Findings = []*event.Finding{{Name: "upgrade-missing", Level: event.Error, Conn: conns[i], At: at,
				Text: "the request has no Upgrade field", Advice: strings.Repeat("forward the field ", 9) +
					"also here"}}
		}
		to.Handshake(h)
		for _, f := range h.Findings {
			to.Finding(f)
		}
	}
	return nil
}

func TestLegsAreOneRow(t *testing.T) {
	h := sit(t, 120, 30, legs{})
	h.sees("attempts  1/1", "1→2", "4.000", "502 refused (400 refused)", "upgrade-missing")
	h.press(tcell.KeyEnter)
	h.sees("connection 1→2", "connection 1  10.0.0.1:4000 → 10.0.0.2:80", "connection 2  10.0.0.1:4000 → 10.0.0.2:81")
	h.press("/upgrade-missing", tcell.KeyEnter, tcell.KeyEnter)
	h.sees("error upgrade-missing: the request has no", "advice: forward", "also here")
}

// A step of a conversation is one line of the list: the answer too, and of a message its beginning; all of it is
// searched.
func TestStepsOfAConversation(t *testing.T) {
	c := newConversation([]Target{{Conn: 1}}, report.Options{})
	if err := (legs{}).Read(context.Background(), "", payloadMost, c); err != nil {
		t.Fatal(err)
	}
	var steps []string
	for i := range c.count() {
		steps = append(steps, c.entry(i).preview())
	}
	all := strings.Join(steps, "\n")
	for _, want := range []string{"→  GET /chat HTTP/1.1\n", "←  HTTP/1.1 400 x\n", "-  502 refused",
		"upgrade-missing: the request has"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	letters := strings.Repeat("é", 70_000)
	long := entry{lines: []string{"  0.001  →  text 9 B", "          " + letters, "          end"}}
	if n := len([]rune(long.preview())); n != previewMost+1 {
		t.Errorf("a preview of %d characters", n)
	}
	p := &pane{count: func() int { return 1 }, sought: "END", text: func(int) string { return long.text() }}
	if !p.find(1) {
		t.Error("what stands below the preview is not searched")
	}
}

// hands is a user at a simulated terminal.
type hands struct {
	t      *testing.T
	screen tcell.SimulationScreen
	b      *Browser
}

func sit(t *testing.T, width, height int, capture Capture) *hands {
	t.Helper()
	screen := tcell.NewSimulationScreen("UTF-8")
	if err := screen.Init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(screen.Fini)
	screen.SetSize(width, height)
	h := &hands{t, screen, New(screen, "demo.pcap", capture)}
	h.b.read(context.Background(), "")
	h.settle()
	return h
}

// settle waits until nothing is read, and draws.
func (h *hands) settle() {
	for {
		h.b.mu.Lock()
		reading := h.b.reading
		h.b.mu.Unlock()
		if !reading {
			break
		}
		time.Sleep(time.Millisecond)
	}
	h.b.draw()
}

// press types keys, and says whether the program goes on.
func (h *hands) press(keys ...any) (on bool) {
	on = true
	for _, k := range keys {
		switch k := k.(type) {
		case tcell.Key:
			on = h.b.handle(context.Background(), tcell.NewEventKey(k, 0, 0))
		case string:
			for _, r := range k {
				on = h.b.handle(context.Background(), tcell.NewEventKey(tcell.KeyRune, r, 0))
			}
		}
	}
	h.settle()
	return on
}

// sees checks that the screen shows something.
func (h *hands) sees(wanted ...string) {
	h.t.Helper()
	cells, width, _ := h.screen.GetContents()
	var b strings.Builder
	for i, c := range cells {
		if i > 0 && i%width == 0 {
			b.WriteByte('\n')
		}
		for _, r := range c.Runes {
			if r == 0 {
				r = ' '
			}
			b.WriteRune(r)
		}
	}
	for _, w := range wanted {
		if !strings.Contains(b.String(), w) {
			h.t.Errorf("%q is not on the screen:\n%s", w, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		h.t.Error("octets of the wire reach the terminal")
	}
}

func TestBrowse(t *testing.T) {
	for _, width := range []int{60, 80, 120, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			h := sit(t, width, 20, attempts(30))
			h.sees("demo.pcap  attempts  1/30", "101 established", "403 refused")
			h.press("jj", tcell.KeyEnter)
			h.sees("connection 3  1/", "GET /chat HTTP/1.1", "text 5 B  said 0")
			h.press("/text", tcell.KeyEnter, tcell.KeyEnter)
			h.sees("said 0")
			h.press(tcell.KeyEscape, "t")
			h.sees("transcript", "said 0", "said 1")
			h.press("q")
			if h.press("y"); !strings.Contains(h.b.said, "copied") {
				t.Errorf("copying said %q", h.b.said)
			}
			h.press("q", ":101", tcell.KeyEnter)
			h.sees("11/30")
			h.press("/nowhere", tcell.KeyEnter)
			h.sees(`"nowhere" is not found`)
			h.press("f", "status >= 400", tcell.KeyEnter)
			h.sees("1/10", "where ")
			h.press("?")
			h.sees("jump to a packet", "? keys  q back")
			h.press("?")
			h.sees("where status >= 400")
			h.screen.SetSize(40, 8)
			h.b.handle(context.Background(), tcell.NewEventResize(40, 8))
			h.press("G")
			h.sees("10/10", "403 refused")
			if h.press("q") {
				t.Error("q does not leave the list")
			}
		})
	}
}

func TestMouse(t *testing.T) {
	h := sit(t, 80, 20, attempts(30))
	click := tcell.NewEventMouse(3, 4, tcell.Button1, 0)
	h.b.handle(context.Background(), click)
	h.press()
	h.sees("attempts  3/30")
	h.b.handle(context.Background(), click)
	h.press()
	h.sees("connection 3")
	h.b.handle(context.Background(), tcell.NewEventMouse(3, 4, tcell.WheelDown, 0))
	h.press()
	h.sees("connection 3  4/")
}

// A hundred thousand rows cost a key no more than ten do: only what is seen is made.
func TestOnlyWhatIsSeenIsMade(t *testing.T) {
	h := sit(t, 80, 20, attempts(100_000))
	h.press("G")
	h.sees("100000/100000")
	p, made := h.b.panes[0], 0
	line := p.line
	p.line = func(i int) (string, tcell.Style) { made++; return line(i) }
	h.b.draw()
	if made > 20 {
		t.Errorf("%d rows are made for a screen of 20 lines", made)
	}
}

// wrong is a capture that cannot be read.
type wrong struct{ legs }

func (wrong) Read(context.Context, string, int, event.Receiver) error {
	return errors.New(strings.Repeat("a long reason ", 9) + "in full")
}

// What is wrong with a filter or a file stands where the list would be, in full.
func TestErrorsAreSeenInFull(t *testing.T) {
	sit(t, 60, 20, wrong{}).sees("attempts  0/0", "reason in full", "? keys")
}

// plain is a capture of something else.
type plain struct{ legs }

func (plain) Read(_ context.Context, where string, _ int, to event.Receiver) error {
	s := &event.Summary{Packets: 13, Connections: 1}
	if where != "" {
		s.Handshakes[event.Refused] = 5
	}
	to.Summary(s)
	return nil
}

// An empty list says why it is empty.
func TestNothingToList(t *testing.T) {
	h := sit(t, 60, 20, plain{})
	h.sees("attempts  0/0", "In the capture: 1 TCP connection")
	h.press("f", "status == 999", tcell.KeyEnter)
	h.sees("Of the capture's handshakes, 5, none fits what was")
	sit(t, 60, 20, attempts(0)).sees("There is no WebSocket handshake.")
}

func TestEmptyCapture(t *testing.T) {
	h := sit(t, 80, 20, attempts(0))
	h.sees("0/0")
	h.press(tcell.KeyEnter, tcell.KeyDown, tcell.KeyPgDn, "G", "y", ":5", tcell.KeyEnter, "/x", tcell.KeyEnter, "t", tcell.KeyEscape)
	h.sees("0/0")
}
