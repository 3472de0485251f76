package analyze

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/internal/quicconn"
)

// quic gives the datagrams of QUIC of which nothing was opened and no connection's caveat tells.
func (s *summary) quic(t *Totals) (untold quicconn.Unread) {
	for i := range t.QUIC {
		untold.Add(&t.QUIC[i])
	}
	if gone := t.QUICGivenUp; gone > 0 {
		s.Caveat(&event.Caveat{At: t.QUICFirst, Name: "quic-limit",
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
