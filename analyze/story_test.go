package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
)

// story tells a run without packet numbers, times and lengths on the wire: what was said, in which order by each side.
func story(r *recorder) string {
	var lines []string
	tell := func(c *event.Conn, side, format string, values ...any) {
		lines = append(lines, fmt.Sprintf("%s > %s %s ", c.Peer[0], c.Peer[1], side)+fmt.Sprintf(format, values...))
	}
	for i := range r.handshakes {
		h := &r.handshakes[i]
		tell(h.Conn, "1 handshake", "%s %s %s %v %v %v %v %v %+v %v", h.Verdict, head(h.Request), head(h.Response), h.KeyValid, h.AcceptValid, h.Protocol, h.Extensions, h.Version, h.Deflate, names(h.Findings))
	}
	for i := range r.frames {
		f := &r.frames[i]
		tell(f.Conn, "2 "+f.From.String(), "frame %+v offset %d complete %v %v %q", f.Header, f.Offset, f.Complete, f.Code, f.Reason.Value)
	}
	for i := range r.messages {
		m := &r.messages[i]
		tell(m.Conn, "3 "+m.From.String(), "message %s %v of %d in %d, compressed %v complete %v %s %x", m.Opcode, m.Length, m.WireLength, m.Frames, m.Compressed, m.Complete, m.Kind, m.SHA256.Value)
	}
	for i := range r.connections {
		c := &r.connections[i]
		tell(c.Conn, "4", "websocket %v ended %s by %v close %s pings %d %+v %v %v", c.WebSocket, c.Ended, c.EndedBy, closing(c.Close), c.Pings, c.Sides, sorted(slices.Clone(c.Caveats)), sorted(slices.Clone(c.Findings)))
	}
	for _, f := range r.findings {
		tell(f.Conn, "5", "%s %s %s %s", f.Level, f.Name, f.Fault, f.Section)
	}
	for _, c := range r.caveats {
		if c.Conn != nil {
			tell(c.Conn, "6", "caveat %s %v", c.Name, c.Bytes)
		} else {
			lines = append(lines, "caveat "+c.Name)
		}
	}
	// Events of one kind and side keep their order, but for findings and caveats.
	slices.SortStableFunc(lines, func(a, b string) int {
		return strings.Compare(rank(a), rank(b))
	})
	return strings.Join(lines, "\n")
}

// rank is what a line of a story is sorted by.
func rank(line string) string {
	words := strings.SplitN(line, " ", 6)
	if len(words) < 6 || words[3] > "4" {
		return line
	}
	return strings.Join(words[:5], " ")
}

// head tells a message head.
func head(h *event.Head) string {
	if h == nil {
		return "unseen"
	}
	return fmt.Sprint(h.StartLine, h.Fields, h.Cut)
}

func names(found []*event.Finding) (list []string) {
	for _, f := range found {
		list = append(list, f.Name)
	}
	return sorted(list)
}

func closing(c *event.Close) string {
	if c == nil {
		return "none"
	}
	return fmt.Sprintf("%+v", *c)
}

// sameStory complains where two runs tell different stories.
func sameStory(t *testing.T, want, got *recorder) bool {
	t.Helper()
	if diff := cmp.Diff(strings.Split(story(want), "\n"), strings.Split(story(got), "\n")); diff != "" {
		t.Errorf("another story (-want +got):\n%s", diff)
		return false
	}
	return true
}
