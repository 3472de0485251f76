package browse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// entry is a step of a conversation.
type entry struct {
	packet uint64
	lines  []string
}

// previewMost bounds what the list shows of a step, characters: more than a screen has.
const previewMost = 300

// preview is a step in one line: its first, and the beginning of what stands below it.
func (e entry) preview() string {
	const enough = previewMost * utf8.UTFMax
	line, gap := e.lines[0], "  "
	for _, below := range e.lines[1:] {
		if len(line) > enough {
			break
		}
		below = strings.TrimLeft(below, " ")
		line += gap + below[:min(len(below), enough)]
		gap = " "
	}
	if letters := []rune(line); len(letters) > previewMost {
		return string(letters[:previewMost]) + "…"
	}
	return line
}

func (e entry) text() string { return strings.Join(e.lines, "\n") }

// conversation makes entries of the transcript that report.Follow prints.
type conversation struct {
	event.Ignore
	mu      sync.Mutex
	printed bytes.Buffer
	follow  *report.Follow
	entries []entry
	octets  int
	full    bool
}

// conversationMost bounds the text that is kept of a conversation, octets.
const conversationMost = 64 << 20

func newConversation(targets []Target, o report.Options) *conversation {
	c := new(conversation)
	var follow []report.Target
	for _, t := range targets {
		follow = append(follow, report.Target{Conn: t.Conn, Stream: t.Stream})
	}
	c.follow = report.NewFollow(&c.printed, follow, o)
	return c
}

// textColumn is where the text of a transcript begins, or further right. Times begin before it.
const textColumn = 15

// take makes entries of what an event has printed, one of each line with a time and what stands below it.
func (c *conversation) take(packets ...uint64) {
	c.follow.Pause()
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.Trim(c.printed.String(), "\n")
	c.printed.Reset()
	if text == "" || c.full {
		return
	}
	if c.octets += len(text); c.octets > conversationMost {
		c.full = true
		text = "… the conversation goes on; wshake --follow prints all of it"
	}
	n := 0 // entries of this event
	for line := range strings.SplitSeq(text, "\n") {
		if len(line)-len(strings.TrimLeft(line, " ")) >= textColumn && n > 0 {
			last := &c.entries[len(c.entries)-1]
			last.lines = append(last.lines, line)
			continue
		}
		c.entries = append(c.entries, entry{packets[min(n, len(packets)-1)], []string{line}})
		if !strings.HasPrefix(line, "connection ") { // which one it is
			n++
		}
	}
}

// Handshake has entries for the request, the answer, and what came of them.
func (c *conversation) Handshake(e *event.Handshake) {
	c.follow.Handshake(e)
	var packets []uint64
	for _, head := range []*event.Head{e.Request, e.Response} {
		if head != nil {
			packets = append(packets, head.Last.Number)
		}
	}
	c.take(append(packets, slices.Max(append(packets, e.At.Number)))...)
}

func (c *conversation) Frame(e *event.Frame)     { c.follow.Frame(e); c.take(e.At.Number) }
func (c *conversation) Message(e *event.Message) { c.follow.Message(e); c.take(e.At.Number) }
func (c *conversation) Caveat(e *event.Caveat)   { c.follow.Caveat(e); c.take(e.At.Number) }

// Finding has the advice stand below the text.
func (c *conversation) Finding(e *event.Finding) {
	c.follow.Finding(e)
	c.follow.Pause()
	if c.printed.Len() > 0 && e.Advice != "" {
		fmt.Fprintf(&c.printed, "%*s advice: %s\n", textColumn, "", report.Sanitise(e.Advice))
	}
	c.take(e.At.Number)
}

func (c *conversation) Connection(e *event.Connection) {
	c.follow.Connection(e)
	c.take(e.At.Number)
}

func (c *conversation) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

func (c *conversation) entry(i int) entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[i]
}
