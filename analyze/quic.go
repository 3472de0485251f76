package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/internal/quicconn"
	"wshake/analyze/internal/shard"
)

// quic gives the datagrams of QUIC of which nothing was opened and no connection's caveat tells.
func (s *summary) quic(t *Totals) (untold quicconn.Unread) {
	for i := range t.QUIC {
		untold.Add(&t.QUIC[i])
	}
	s.total.QUIC = event.Datagrams{Decrypted: t.QUICConnections.Decrypted, Undecrypted: t.QUICConnections.Undecrypted}
	if n := t.QUICConnections.Untried; n > 0 {
		s.Caveat(&event.Caveat{At: t.Last, Name: "quic-limit",
			Text: fmt.Sprintf("%d datagrams of connections whose beginning was not captured were not held to all secrets of the key log: there are more than are tried", n)})
	}
	if gone := t.QUICConnections.Crowded; gone.Count > 0 {
		s.Caveat(&event.Caveat{At: gone.First, Name: "quic-limit",
			Text: fmt.Sprintf("%d connections of QUIC were given up, since more were open between the same two ends "+
				"than are told apart", gone.Count)})
	}
	if n := t.QUICConnections.Unkept; n > 0 && t.TLS.KeyLog {
		s.Caveat(&event.Caveat{At: t.Last, Name: "quic-limit",
			Text: fmt.Sprintf("%d datagrams that may be of connections whose beginning was not captured were not "+
				"kept for secrets that come later: there are more than are kept", n)})
	}
	return untold
}

// altServices says that servers offered HTTP/3 (Alt-Svc, RFC 7838), and that connections of QUIC to the place they named
// followed of which nothing was decrypted.
func (s *summary) altServices(t *Totals) {
	slices.SortStableFunc(t.AltServices, func(a, b shard.AltService) int { return cmp.Compare(a.At.Ordinal, b.At.Ordinal) })
	hidden := t.QUICConnections.Hidden
	slices.SortStableFunc(hidden, func(a, b quicconn.Hidden) int { return cmp.Compare(a.First.Ordinal, b.First.Ordinal) })
	told := 0
	for i := range hidden {
		h := &hidden[i]
		j := slices.IndexFunc(t.AltServices, func(a shard.AltService) bool {
			return a.Port == h.Server.Port() && a.At.Ordinal < h.First.Ordinal &&
				(a.Host == "" && a.Server == h.Server.Addr() || a.Host != "" && (strings.EqualFold(a.Host, h.Name) || a.Host == h.Server.Addr().String()))
		})
		if j < 0 {
			continue
		}
		if told++; told > altServicesTold {
			return
		}
		name := h.Server.String()
		if h.Name != "" {
			name += " (server name " + strconv.Quote(h.Name) + ")"
		}
		s.Caveat(&event.Caveat{At: h.First, Name: "quic-undecrypted", Text: fmt.Sprintf("the answer that ends in packet %d offered HTTP/3 (Alt-Svc, RFC 7838), and the "+
			"client took it: connections of QUIC to %s that were not decrypted: %d. What it asks for there is not seen, WebSockets included; "+
			"without Alt-Svc it stays with TCP", t.AltServices[j].At.Number, name, h.Count)})
	}
}

// altServicesTold is of how many servers that is told.
const altServicesTold = 16

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
