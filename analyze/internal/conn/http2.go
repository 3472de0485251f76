package conn

import (
	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/internal/layer"
)

// searchHTTP2 looks for HTTP/2 in what is held of a side, and reports whether it was found.
func (d *detector) searchHTTP2(side event.Side, newest layer.Piece) bool {
	switch {
	case d.chosenHTTP2():
		d.http2()
		return true
	case http2.LooksLikePreface(newest.Octets) == http2.Yes && (side == event.Client || !d.known()):
		d.orient(side)
		d.http2()
		return true
	}
	if sense := http2.SenseOf(d.held[side].Segments()); sense.Verdict != http2.Yes {
		return false
	}
	if !d.known() {
		client, clear := d.senseClient()
		switch {
		case clear:
			d.orient(client)
		case d.held[0].Octets+d.held[1].Octets < unclearLimit:
			return true // more is waited for
		default:
			d.carrier.Conn() // takes the higher port for the client's, with a caveat
		}
	}
	d.http2()
	return true
}

// unclearLimit is how much is held of frames of HTTP/2 that do not say which side is the client, octets of both sides.
const unclearLimit = 64 << 10

// chosenHTTP2 says that the hellos of TLS chose HTTP/2, so that what cannot be read from its beginning on is that, too.
func (d *detector) chosenHTTP2() bool {
	if !secured(d.carrier) {
		return false
	}
	var h event.Handshake
	d.carrier.Describe(&h)
	return h.ALPN.Value == "h2"
}

// senseClient says which side's frames are those of a client.
func (d *detector) senseClient() (client event.Side, clear bool) {
	votes := [2]int{}
	for side := range d.held {
		s := http2.SenseOf(d.held[side].Segments())
		votes[side] += s.Sender[event.Client]
		votes[event.Side(side).Other()] += s.Sender[event.Server]
	}
	if votes[0] == votes[1] {
		return 0, false
	}
	client = event.Client
	if votes[1] > votes[0] {
		client = event.Server
	}
	return client, true
}

// http2 hands over to the layer of HTTP/2 what is held. A side is read from its beginning on where that is held.
func (d *detector) http2() {
	var midstream [2]bool
	for side := range d.held {
		var buf [32]byte
		begins := looksLikeHTTP2(event.Side(side), d.held[side].Peek(buf[:0], len(buf))) == http2.Yes
		midstream[side] = !begins && (d.midstream() || d.searched > 0 || !d.carrier.Seen(event.Side(side)))
	}
	d.replaceBy(d.maker.http2.New(d.carrier, midstream))
}
