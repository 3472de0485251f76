package browse

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// entry is a step of a conversation: its first line, and all lines.
type entry struct {
	packet uint64
	lines  []string
}

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

// take makes an entry of what an event has printed.
func (c *conversation) take(packet uint64) {
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
	lines := strings.Split(text, "\n")
	if len(lines) > 1 && strings.HasPrefix(lines[0], "connection ") { // which one it is stands above
		c.entries = append(c.entries, entry{packet, lines[:1]})
		lines = lines[1:]
	}
	c.entries = append(c.entries, entry{packet, lines})
}

func (c *conversation) Handshake(e *event.Handshake) { c.follow.Handshake(e); c.take(e.At.Number) }
func (c *conversation) Frame(e *event.Frame)         { c.follow.Frame(e); c.take(e.At.Number) }
func (c *conversation) Message(e *event.Message)     { c.follow.Message(e); c.take(e.At.Number) }
func (c *conversation) Caveat(e *event.Caveat)       { c.follow.Caveat(e); c.take(e.At.Number) }

// Finding has the advice stand below the text.
func (c *conversation) Finding(e *event.Finding) {
	c.follow.Finding(e)
	c.follow.Pause()
	if c.printed.Len() > 0 && e.Advice != "" {
		fmt.Fprintf(&c.printed, "%15s advice: %s\n", "", report.Sanitise(e.Advice))
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
