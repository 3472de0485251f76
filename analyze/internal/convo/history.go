package convo

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// historyLoss is a run of a side's compressed messages that repeat octets of earlier ones which are not known (RFC
// 7692 §7.1.1). It begins with the first of them and is over when no later message can be one.
type historyLoss struct {
	messages uint64
	unknown  uint64   // octets of them that are unknown
	length   uint64   // octets of them
	first    event.At // of the first message
	last     event.At // of the last one so far
	exact    event.At // of the first message behind it that is known in every octet; none where Number is 0
}

// noteHistory takes a compressed message that is over.
func (c *Conversation) noteHistory(m *ws.Message) {
	switch in := &m.Inflate; {
	case in.State == ws.InflatedPartly:
		if c.histories == nil {
			c.histories = new([2]historyLoss)
		}
		c.histories[m.From].add(m)
	case in.State == ws.InflateLost && in.Err != nil:
		c.caveatOnce(notDeflate, m.Last, "inflate-lost", fmt.Sprintf("a compressed message of the %s does not inflate: %v. "+
			"The handshake was not captured, so its RSV1 may mean something else than compression", m.From, in.Err))
	case in.State == ws.Inflated && c.histories != nil && c.histories[m.From].messages > 0:
		h := &c.histories[m.From]
		if h.exact.Number == 0 && m.First.Ordinal > h.last.Ordinal {
			h.exact = m.First
		}
		if in.Again && h.exact.Number != 0 {
			c.tellHistory(m.From, m.Last)
		}
	}
}

func (h *historyLoss) add(m *ws.Message) {
	if h.messages == 0 {
		h.first = m.First
	}
	h.messages++
	h.unknown += uint64(m.Inflate.UnknownBytes)
	h.length += m.Length
	h.last, h.exact = m.Last, event.At{}
}

// tellHistory tells of the run of messages of a side, if there is one, and ends it; the packet at decided that.
func (c *Conversation) tellHistory(side event.Side, at event.At) {
	if c.histories == nil || c.histories[side].messages == 0 {
		return
	}
	h := &c.histories[side]
	who, repeat, where := "1 compressed message", "repeats", fmt.Sprintf("packet %d", h.first.Number)
	if h.messages > 1 {
		who, repeat = fmt.Sprintf("%d compressed messages", h.messages), "repeat"
	}
	if h.last.Number != h.first.Number {
		where = fmt.Sprintf("packets %d to %d", h.first.Number, h.last.Number)
	}
	text := fmt.Sprintf("%s of the %s in %s %s earlier octets that were not captured or did not inflate, so that %d of %d "+
		"octets are unknown", who, side, where, repeat, h.unknown, h.length)
	if h.exact.Number != 0 {
		text += fmt.Sprintf("; from packet %d on everything is exact", h.exact.Number)
	}
	c.caveat(at, "inflate-lost", text, event.Some(h.unknown))
	*h = historyLoss{}
}
