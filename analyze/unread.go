package analyze

import (
	"fmt"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/reassembly/decode"
)

// rowsNamed is how many protocols a caveat names; the summary has all.
const rowsNamed = 4

// unreadOf makes the summary's list of what was not looked into.
func unreadOf(list []decode.Unread) []event.Unread {
	unread := make([]event.Unread, len(list))
	for i, u := range list {
		unread[i] = event.Unread{What: u.What.String(), Packets: u.Packets, Bytes: u.Bytes, Why: hiddenBy(u.What)}
	}
	return unread
}

// hiddenBy says what keeps packets of a protocol from being read.
func hiddenBy(p decode.Protocol) event.Hidden {
	switch {
	case p.Registry == decode.Undecoded:
		return event.HiddenDamage
	case p.Shape == decode.QUIC:
		return event.HiddenQUIC
	case p.Shape == decode.Protected:
		return event.HiddenLink
	case p.Encrypted():
		return event.HiddenTunnel
	case p.Harmless():
		return event.NothingHidden
	}
	return event.HiddenUnknown
}

// hiddenCaveats is the caveats about packets that were not looked into, by why they were not: list has a row for each
// of s.total.Unread. A few packets among many are no caveat, as long as there are WebSockets in the others: the
// summary counts them.
func (s *summary) hiddenCaveats(list []decode.Unread) {
	const share = 100 // one packet in so many
	for _, c := range []struct {
		name, tail string
		why        []event.Hidden
	}{
		{"encrypted", "encrypted", []event.Hidden{event.HiddenTunnel, event.HiddenLink}},
		{"not-decoded", "not decoded", []event.Hidden{event.HiddenUnknown}},
	} {
		var rows []decode.Unread
		var packets, octets uint64
		var first event.At
		for i := range list {
			if !slices.Contains(c.why, s.total.Unread[i].Why) {
				continue
			}
			u := list[i]
			if len(rows) == 0 || u.First.Ordinal < first.Ordinal {
				first = u.First
			}
			rows = append(rows, u)
			packets += u.Packets
			octets += u.Bytes
		}
		if packets == 0 || packets*share < s.total.Packets && s.total.WebSocket > 0 {
			continue
		}
		s.Caveat(&event.Caveat{At: first, Name: c.name, Text: hiddenText(rows, packets, c.tail), Bytes: event.Some(octets)})
	}
}

// hiddenText is one sentence about packets of some kinds.
func hiddenText(rows []decode.Unread, packets uint64, tail string) string {
	if len(rows) == 1 {
		return fmt.Sprintf("%s, which is %s", packetsAre(packets, rows[0].What.String()), tail)
	}
	var kinds []string
	for _, u := range rows[:min(len(rows), rowsNamed)] {
		kinds = append(kinds, fmt.Sprintf("%d %s", u.Packets, u.What))
	}
	text := packetsAre(packets, tail) + ": " + strings.Join(kinds, ", ")
	if n := len(rows) - rowsNamed; n > 0 {
		text += fmt.Sprintf(" and %d more kinds", n)
	}
	return text
}

// packetsAre begins a sentence about n packets.
func packetsAre(n uint64, what string) string {
	if n == 1 {
		return "1 packet is " + what
	}
	return fmt.Sprintf("%d packets are %s", n, what)
}

// cutCaveat says how much the snap length took away.
func (s *summary) cutCaveat(c decode.Cut, declared uint32) {
	if c.Packets == 0 {
		return
	}
	s.total.Shortened = event.Shortened{Packets: c.Packets, Missing: c.Missing}
	s.Caveat(&event.Caveat{
		At: c.First, Name: "snap-length", Bytes: event.Some(c.Missing),
		Text: fmt.Sprintf("%d of %d packets are cut by the snap length of the capture, %s, %s of all octets are missing; "+
			"capture whole packets (tcpdump -s 0)",
			c.Packets, s.total.Packets, snapLength(c.Longest, declared), share(c.Missing, s.total.Bytes)),
	})
}

// snapLength says how long packets are that were cut, and what the file says of it.
func snapLength(longest int, declared uint32) string {
	if declared > uint32(longest) { // a tool cut them, or several interfaces have lengths of their own
		return fmt.Sprintf("to %d octets at most (the file says up to %d)", longest, declared)
	}
	return fmt.Sprintf("%d octets", longest)
}

// share is a part of a whole in per cent, rounded up so that something is never 0.
func share(part, whole uint64) string {
	if whole == 0 {
		return "0 %"
	}
	percent := (float64(part)*100 + float64(whole) - 1) / float64(whole)
	return fmt.Sprintf("%d %%", min(int(percent), 100))
}

// relabelledCaveats names link types that were wrong in the file.
func (s *summary) relabelledCaveats(list []decode.Relabelled) {
	for _, r := range list {
		s.Caveat(&event.Caveat{
			At: r.First, Name: "link-type-wrong",
			Text: fmt.Sprintf("%s, though the capture says %s: they were read as what they are",
				packetsAre(r.Packets, decode.LinkTypeName(r.Actual)), decode.LinkTypeName(r.Declared)),
		})
	}
}
