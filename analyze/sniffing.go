package analyze

import (
	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/tls"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// sniffing is the layer of a connection whose protocol is not known yet. It holds the first octets of both sides until
// they tell, which for most protocols takes one segment.
//
// Where octets are missing before what was captured (blind), a message may begin with any segment, and what is no HTTP
// may be the frames of a WebSocket whose handshake was not captured: package ws knows how to tell.
type sniffing struct {
	session *session
	held    [2]held
	blind   bool
	unlike  bool // frames are no longer looked for
	looked  int  // octets passed over in search of a message
}

// searched is how far a connection is searched whose beginning was not captured, octets of both sides.
const searched = 256 << 10

// probed bounds what is held for package ws to judge, octets of a side.
const probed = 32 << 10

func (l *sniffing) data(side event.Side, at event.At, p []byte) {
	if l.session.conn.Opened() == reassembly.OpenedMidstream {
		l.blind = true
	}
	if l.blind {
		l.held[side].add(at, p)
		l.search(side)
		return
	}
	var buf [256]byte
	prefix := l.held[side].peek(buf[:0], len(buf))
	prefix = append(prefix, p[:min(len(p), len(buf)-len(prefix))]...)
	request, answer := http1.LooksLikeRequest(prefix), http1.LooksLikeResponse(prefix)
	if request == http1.Yes && side == event.Client || answer == http1.Yes && side == event.Server {
		l.http(event.Client, side, at, p)
		return
	}
	l.held[side].add(at, p)
	switch {
	case side == event.Client && request == http1.More, side == event.Server && answer == http1.More:
		// a few octets more will tell
	default:
		switch l.looksSecured(side, prefix) {
		case tls.Yes:
			l.secure()
		case tls.No:
			l.other()
		}
	}
}

// looksSecured says whether a side begins with its hello of TLS. There is no TLS inside TLS.
func (l *sniffing) looksSecured(side event.Side, prefix []byte) tls.Verdict {
	switch {
	case l.session.below != nil:
		return tls.No
	case side == event.Client:
		return tls.LooksLikeClientHello(prefix)
	}
	return tls.LooksLikeServerHello(prefix)
}

// secure puts TLS under the layers and begins again with what it decrypts.
func (l *sniffing) secure() {
	s := l.session
	for side := range l.held { // what is held was not given to a layer yet
		s.offset[s.dir(event.Side(side))] -= uint64(l.held[side].octets)
	}
	s.below = newSecured(s)
	s.become(&sniffing{session: s})
	s.replayTo(s.below, &l.held)
}

// other gives up on a connection that is not HTTP, unless the user says that it is WebSocket.
func (l *sniffing) other() {
	s := l.session
	rule, server := s.em.cfg.forced(s.conn)
	if rule == nil {
		s.reject()
		return
	}
	l.orient(s.side(server.Other()))
	c := newForced(s, rule)
	s.become(c)
	l.session.replay(&l.held)
}

func (l *sniffing) gap(side event.Side, at event.At, n uint64) {
	l.blind = true
	l.held[side].addGap(at, n)
}

func (l *sniffing) end(side event.Side, at event.At, why reassembly.End) {}

func (l *sniffing) finish(at event.At) {}

// search looks at the newest segment of a side.
func (l *sniffing) search(side event.Side) {
	s := l.session
	pieces := l.held[side].pieces
	newest := pieces[len(pieces)-1]
	request, answer := http1.LooksLikeRequest(newest.octets), http1.LooksLikeResponse(newest.octets)
	switch {
	case request == http1.Yes && (side == event.Client || !s.known):
		l.from(side, newest)
		l.http(side, side, newest.at, nil)
		return
	case answer == http1.Yes && (side == event.Server || !s.known):
		l.from(side, newest)
		l.http(side.Other(), side, newest.at, nil)
		return
	}
	if rule, _ := s.em.cfg.forced(s.conn); rule != nil {
		l.other()
		return
	}
	if !l.unlike {
		switch g := l.probe(); g.Verdict {
		case ws.ProbeYes:
			if s.known && g.Client != s.client {
				l.unlike = true // the one that opened the connection does not mask
				break
			}
			l.frames(g.Client)
			return
		case ws.ProbeNo:
			l.moveOn() // it may have begun inside a long frame
		}
	}
	if l.unlike {
		l.looked += len(newest.octets)
		l.held = [2]held{}
	}
	if l.looked+l.held[0].octets+l.held[1].octets > searched {
		s.reject()
	}
}

// moveOn passes over the older half of what is held.
func (l *sniffing) moveOn() {
	for side := range l.held {
		h := &l.held[side]
		for range (len(h.pieces) + 1) / 2 {
			l.looked += len(h.take().octets)
		}
	}
}

// probe asks package ws about what is held.
func (l *sniffing) probe() ws.Guess {
	var segments [2][][]byte
	for side := range l.held {
		if l.held[side].octets > probed {
			return ws.Guess{Verdict: ws.ProbeNo}
		}
		segments[l.session.dir(event.Side(side))] = l.held[side].segments()
	}
	return ws.Probe(segments)
}

// from forgets what was held before the segment that begins a message.
func (l *sniffing) from(side event.Side, begins piece) {
	for i := range l.held {
		kept := held{}
		for _, p := range l.held[i].pieces {
			if p.at.Ordinal > begins.at.Ordinal || event.Side(i) == side && p.at.Ordinal == begins.at.Ordinal {
				kept.pieces = append(kept.pieces, p)
				kept.octets += len(p.octets)
			}
		}
		l.held[i] = kept
	}
}

// orient fixes who is the client; client is given by the orientation so far.
func (l *sniffing) orient(client event.Side) {
	s := l.session
	if !s.known {
		s.orient(s.dir(client))
		if client == event.Server { // the orientation turned round
			l.held[0], l.held[1] = l.held[1], l.held[0]
		}
	}
}

// http hands over to the layer of requests and answers what is held, and p behind it; speaker said the first of them.
func (l *sniffing) http(client, speaker event.Side, at event.At, p []byte) {
	s := l.session
	speaks := s.dir(speaker)
	l.orient(client)
	x := newExchange(s, l.blind)
	x.alone = l.blind && speaker != client // its request was missed
	s.become(x)
	x.adopt(l.held, s.side(speaks), len(p))
	if len(p) > 0 {
		s.layer.data(s.side(speaks), at, p)
	}
}

// frames hands over to a conversation whose handshake was not captured.
func (l *sniffing) frames(client reassembly.Dir) {
	l.orient(l.session.side(client))
	c := newMidstream(l.session, [2]ws.Start{ws.Midstream, ws.Midstream})
	l.session.become(c)
	l.session.replay(&l.held)
}
