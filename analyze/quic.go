package analyze

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/internal/quicconn"
	"wshake/reassembly/decode"
)

// quic counts datagrams of QUIC of which nothing was opened as not looked into, and gives those of which no
// connection's caveat tells.
func (s *summary) quic(d *decode.Decoder, workers []*worker) (untold quicconn.Unread) {
	var gone uint64
	var first event.At
	for i := range shards {
		t := workers[i%len(workers)].shards[i]
		for _, u := range t.quic.Unread() {
			d.AddUnread(u.Unread)
			untold.Add(u)
		}
		n, at := t.quic.GivenUp()
		if n > 0 && (gone == 0 || at.Ordinal < first.Ordinal) {
			first = at
		}
		gone += n
	}
	if gone > 0 {
		s.Caveat(&event.Caveat{At: first, Name: "quic-limit",
			Text: fmt.Sprintf("%d connections of QUIC were given up, since more were open at a time than are remembered", gone)})
	}
	return untold
}

// untoldCaveat is about datagrams of QUIC whose connection has no caveat: its beginning was not captured, or the
// version is not read.
func (s *summary) untoldCaveat(u quicconn.Unread) {
	const share = 100 // as in hiddenCaveats
	if u.Untold == 0 || u.Untold*share < s.total.Packets && s.total.WebSocket > 0 {
		return
	}
	s.Caveat(&event.Caveat{At: u.UntoldFirst, Name: "quic-undecrypted", Bytes: event.Some(u.UntoldBytes),
		Text: fmt.Sprintf("%s, which is encrypted", packetsAre(u.Untold, u.What.String()))})
}
