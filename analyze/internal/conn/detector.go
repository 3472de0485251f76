package conn

import (
	"bytes"
	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/http2"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/spoken"
	"wshake/analyze/internal/tlsconn"
	"wshake/analyze/internal/upgrade"
	"wshake/analyze/preface"
	"wshake/analyze/tls"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// detector is the layer of octets whose protocol is not known yet. It holds the first octets of both sides until they
// tell, which for most protocols takes one segment.
//
// Where octets are missing before what was captured (blind), a message may begin with any segment, and what is no HTTP
// may be the frames of a WebSocket whose handshake was not captured: package ws knows how to tell.
type detector struct {
	maker     *Maker
	carrier   layer.Carrier
	conn      *Conn // see tcp
	held      [2]layer.Buffer
	blind     bool
	notFrames bool // frames are no longer looked for
	// preface is what reads the preface of the connection, nil where there is none so far.
	preface     *preface.Reader
	took        [2]layer.Buffer // by it, the first of it
	prefaceOver bool            // none is looked for any more
	answer      uint64          // the packet with an answer whose request may still come: see early.go; 0 for none
	answerFrom  event.Side
	searched    int  // octets passed over in search of a message
	records     int  // segments that begin with the header of a TLS record
	begun       bool // the first octets of the connection were found, though no SYN was captured
}

// searchLimit is how far a connection is searched whose beginning was not captured, octets of both sides.
const searchLimit = 256 << 10

// probeLimit bounds what is held for package ws to judge, octets of a side.
const probeLimit = 32 << 10

// newDetector makes the layer of a carrier.
func newDetector(m *Maker, carrier layer.Carrier) *detector {
	return &detector{maker: m, carrier: carrier, conn: tcp(carrier)}
}

// tcp is the TCP connection that a carrier's octets are all of, nil where it has them from a transport that carries
// more.
func tcp(carrier layer.Carrier) *Conn {
	switch c := carrier.(type) {
	case *Conn:
		return c
	case *tlsconn.Layer:
		return tcp(c.Below())
	case *forwarded:
		return tcp(c.Carrier)
	}
	return nil
}

// secured reports whether a carrier's octets come out of TLS.
func secured(carrier layer.Carrier) bool {
	switch c := carrier.(type) {
	case *tlsconn.Layer:
		return true
	case *forwarded:
		return secured(c.Carrier)
	}
	return false
}

// midstream reports whether the beginning was not captured.
func (d *detector) midstream() bool { return d.conn != nil && d.conn.midstream() && !d.begun }

// known reports whether it is decided who is the client.
func (d *detector) known() bool { return d.conn == nil || d.conn.known }

// decodeAs finds the user's rule for the connection, and its server.
func (d *detector) decodeAs() (rule *DecodeAs, server event.Side) {
	if d.conn == nil {
		return nil, 0
	}
	return d.maker.decodeAsRule(d.conn)
}

func (d *detector) Data(side event.Side, at event.At, p []byte) {
	if d.midstream() {
		d.blind = true
	}
	if d.blind {
		d.held[side].Add(at, p)
		d.search(side)
		return
	}
	if d.preface != nil || d.begins(side, p) {
		if d.preface == nil {
			d.preface = new(preface.Reader)
		}
		d.held[side].Add(at, p)
		d.readPreface()
		return
	}
	var buf [256]byte
	prefix := d.held[side].Peek(buf[:0], len(buf))
	prefix = append(prefix, p[:min(len(p), len(buf)-len(prefix))]...)
	request, answer := http1.LooksLikeRequest(prefix), http1.LooksLikeResponse(prefix)
	if request == http1.Yes && side == event.Client || answer == http1.Yes && side == event.Server {
		d.http(event.Client, side, at, p)
		return
	}
	d.held[side].Add(at, p)
	switch h2 := looksLikeHTTP2(side, prefix); {
	case h2 == http2.Yes:
		d.http2()
		return
	case h2 == http2.More:
		return
	}
	switch {
	case side == event.Client && request == http1.More, side == event.Server && answer == http1.More:
		// a few octets more will tell
	default:
		switch d.looksLikeTLS(side, prefix) {
		case tls.Yes:
			d.tls()
		case tls.No:
			d.unknown(side, prefix)
		}
	}
}

// binaryLimit bounds what is held of a client whose first octets are neither a request nor text, until the server
// answers. Of text as much is held as of a head.
const binaryLimit = 1 << 10

// unknown is called where a side begins with what is not known. What a client says may still be a request that a server
// understands though it breaks the rules: what the server answers decides.
func (d *detector) unknown(side event.Side, prefix []byte) {
	rule, _ := d.decodeAs()
	limit := binaryLimit
	if textLike(prefix) {
		limit = d.maker.MaxHead
	}
	if side == event.Client && rule == nil && d.held[event.Server].Empty() && d.held[side].Octets <= limit &&
		!bytes.HasPrefix(prefix, []byte("PRI * HTTP/2")) {
		return
	}
	if side == event.Client && rule == nil && limit > binaryLimit && d.held[event.Server].Empty() {
		d.blind = true // an answer may come all the same
		return
	}
	d.other()
}

// textLike reports whether octets look like lines of text.
func textLike(prefix []byte) bool {
	const looked = 64
	prefix = prefix[:min(len(prefix), looked)]
	text := 0
	for _, c := range prefix {
		if c >= ' ' && c < 0x7f || c == '\t' || c == '\r' || c == '\n' {
			text++
		}
	}
	return text*4 >= len(prefix)*3
}

// looksLikeHTTP2 says whether a side begins as it does in HTTP/2.
func looksLikeHTTP2(side event.Side, prefix []byte) http2.Verdict {
	if side == event.Client {
		return http2.LooksLikePreface(prefix)
	}
	return http2.LooksLikeServer(prefix)
}

// looksLikeTLS says whether a side begins with its hello. There is no TLS inside TLS.
func (d *detector) looksLikeTLS(side event.Side, prefix []byte) tls.Verdict {
	switch {
	case secured(d.carrier):
		return tls.No
	case side == event.Client:
		return tls.LooksLikeClientHello(prefix)
	}
	return tls.LooksLikeServerHello(prefix)
}

// tls begins again with what TLS decrypts.
func (d *detector) tls() {
	l := d.maker.tls.New(d.carrier, [2]int{d.held[0].Octets, d.held[1].Octets})
	l.Stack().Top = newDetector(d.maker, l)
	d.replaceBy(l)
}

// replaceBy hands what is held over to l.
func (d *detector) replaceBy(l layer.Layer) {
	stack := d.carrier.Stack()
	stack.Top = l
	stack.Replay(&d.held)
}

// other gives up on a connection that is not HTTP, unless the user says that it is WebSocket.
func (d *detector) other() {
	rule, server := d.decodeAs()
	if rule == nil {
		d.passOver()
		return
	}
	d.orient(server.Other())
	// The first segment that was captured is taken to begin with a frame: to search for one would ask for evidence.
	d.replaceBy(d.maker.convos.Midstream(d.carrier, d.carrier.First(), [2]ws.Start{ws.AtHandshake, ws.AtHandshake}, rule.Deflate))
}

// passOver counts the connection by what it speaks and reads no more of it.
func (d *detector) passOver() {
	d.speaks()
	d.carrier.Release()
}

// speaks counts the connection by what it speaks.
func (d *detector) speaks() {
	if d.conn == nil {
		return // a stream of many
	}
	what := spoken.Name(d.held[0].Peek(nil, spoken.Looked), d.held[1].Peek(nil, spoken.Looked))
	switch {
	case secured(d.carrier):
		what += " in TLS"
	case what == spoken.Unknown && d.midstream():
		what = spoken.BeforeBegan
	case what == spoken.Unknown && d.blind:
		what = spoken.Broken
	}
	d.maker.Speaks(what)
}

func (d *detector) Gap(side event.Side, at event.At, n uint64) {
	d.held[side].AddGap(at, n)
	// Of a preface what the client says may be all that is needed; the octets behind the gap come next.
	d.blind = d.blind || d.preface == nil || side == event.Client
}

// End waits for the layer that takes over what is held: the other side may still say which it is.
func (d *detector) End(side event.Side, at event.At, why reassembly.End) {
	d.carrier.Stack().EndLater(side)
}

func (d *detector) Finish(at event.At) {
	if d.answer != 0 {
		d.requestMissed()
		stack := d.carrier.Stack()
		for _, side := range []event.Side{stack.First().Side, stack.First().Side.Other()} {
			end := stack.Ended(side)
			stack.Top.End(side, end.At, end.Why)
		}
		stack.Top.Finish(at)
		return
	}
	switch {
	case d.held[0].Octets+d.held[1].Octets+d.searched > 0:
		d.speaks()
	case secured(d.carrier): // a caveat of TLS tells of it
	case d.conn != nil && !(d.held[0].Empty() && d.held[1].Empty()):
		d.maker.Speaks(spoken.CutOff)
	}
}

// search looks at the newest segment of a side.
func (d *detector) search(side event.Side) {
	pieces := d.held[side].Pieces
	newest := pieces[len(pieces)-1]
	if d.answer != 0 {
		d.searchRequest(side, newest)
		return
	}
	request, answer := http1.LooksLikeRequest(newest.Octets), http1.LooksLikeResponse(newest.Octets)
	known := d.known()
	switch {
	case (side == event.Client || !known) && d.searchProxy(side, newest):
		return
	case request == http1.Yes && (side == event.Client || !known):
		d.beginAt(side, newest)
		d.http(side, side, newest.At, nil)
		return
	case answer == http1.Yes && (side == event.Server || !known):
		if d.mayBeEarly(side) {
			d.answer, d.answerFrom = newest.At.Ordinal, side
			return
		}
		switch {
		case d.asked():
			d.dropBefore(newest.At.Ordinal, side)
			d.exchange(upgrade.Options{Blind: [2]bool{event.Server: true}}, event.Server, 0)
			return
		case d.dropBeforeOdd(newest.At.Ordinal, side):
			d.orient(side.Other())
			d.exchange(upgrade.Options{Blind: [2]bool{event.Server: true}}, event.Server, 0)
			return
		}
		d.beginAt(side, newest)
		d.http(side.Other(), side, newest.At, nil)
		return
	}
	if rule, _ := d.decodeAs(); rule != nil {
		d.other()
		return
	}
	if d.searchTLS(side, newest) || d.searchHTTP2(side, newest) {
		return
	}
	if !d.notFrames {
		switch g := d.probe(); g.Verdict {
		case ws.ProbeYes:
			if known && g.Client != event.Client {
				d.notFrames = true // the one that opened the connection does not mask
				break
			}
			d.frames(g.Client)
			return
		case ws.ProbeNo:
			d.moveOn() // it may have begun inside a long frame
		}
	}
	if d.notFrames {
		d.searched += len(newest.Octets)
		d.pass(side, len(newest.Octets))
		d.held = [2]layer.Buffer{}
	}
	if d.searched+d.held[0].Octets+d.held[1].Octets > searchLimit {
		d.passOver()
	}
}

// recordsEnough is how many segments that begin with the header of a TLS record make TLS: one does so by chance in
// twenty million.
const recordsEnough = 2

// searchTLS looks for TLS in the newest segment of a side, and reports whether it was found.
func (d *detector) searchTLS(side event.Side, newest layer.Piece) bool {
	switch {
	case secured(d.carrier):
		return false
	case tls.LooksLikeClientHello(newest.Octets) == tls.Yes && (side == event.Client || !d.known()):
		d.beginAt(side, newest)
		d.orient(side)
		d.tls()
		return true
	case tls.LooksLikeRecord(newest.Octets) != tls.Yes:
		return false
	}
	if d.records++; d.records < recordsEnough {
		return false
	}
	d.carrier.Stack().Top = layer.Ignored{}
	d.maker.Caveat(event.Caveat{Conn: d.carrier.Conn(), At: newest.At, Name: "tls-undecrypted",
		Text: "TLS whose beginning was not captured was not decrypted: without its ClientHello no key log says which secrets are its own; " +
			"begin the capture before the client connects, or have the client connect again"})
	d.maker.TLS.Undecrypted++
	d.maker.TLS.Late++
	d.carrier.Release()
	return true
}

// moveOn passes over the older half of what is held.
func (d *detector) moveOn() {
	for side := range d.held {
		h := &d.held[side]
		for range (len(h.Pieces) + 1) / 2 {
			n := len(h.Next().Octets)
			d.searched += n
			d.pass(event.Side(side), n)
		}
	}
}

// probe asks package ws about what is held.
func (d *detector) probe() ws.Guess {
	var segments [2][][]byte
	for side := range d.held {
		if d.held[side].Octets > probeLimit {
			return ws.Guess{Verdict: ws.ProbeNo}
		}
		segments[side] = d.held[side].Segments()
	}
	return ws.Probe(segments)
}

// asked reports whether the client's octets are known from the first on: only the server's are not. Then what stands
// before its answer is a request, though it does not look like one.
func (d *detector) asked() bool {
	h := &d.held[event.Client]
	return d.known() && !d.midstream() && d.searched == 0 && !h.Empty() && !h.Broken()
}

// dropBefore forgets what was held of a side before a packet.
func (d *detector) dropBefore(ordinal uint64, side event.Side) {
	h := &d.held[side]
	for !h.Empty() && h.Pieces[0].At.Ordinal < ordinal {
		d.pass(side, len(h.Next().Octets))
	}
	for !h.Empty() && h.Pieces[0].Gap > 0 {
		h.Next()
	}
}

// beginAt forgets what was held before the segment that begins a message.
func (d *detector) beginAt(side event.Side, first layer.Piece) {
	for i := range d.held {
		kept := layer.Buffer{}
		for _, p := range d.held[i].Pieces {
			if p.At.Ordinal > first.At.Ordinal || event.Side(i) == side && p.At.Ordinal == first.At.Ordinal {
				kept.Pieces = append(kept.Pieces, p)
				kept.Octets += len(p.Octets)
			}
		}
		d.pass(event.Side(i), d.held[i].Octets-kept.Octets)
		d.held[i] = kept
	}
}

// pass notes that octets of a side are passed over: no message that was recognised is in them.
func (d *detector) pass(side event.Side, n int) {
	if d.conn != nil {
		d.conn.passed[d.conn.dir(side)] += uint64(n)
	}
}

// tellPassed names what was passed over. Where nothing was told of the connection so far it waits until something is.
func (d *detector) tellPassed() {
	if d.conn != nil && d.conn.id != nil {
		d.conn.namePassed()
	}
}

// orient decides that side, as it was counted so far, is the client. It reports whether the sides were exchanged.
func (d *detector) orient(client event.Side) (swapped bool) {
	if swapped = d.conn != nil && d.conn.orient(client); swapped {
		d.held[0], d.held[1] = d.held[1], d.held[0]
	}
	return swapped
}

// http hands over to the layer of requests and answers what is held, and p behind it; speaker sent the first of them.
func (d *detector) http(client, speaker event.Side, at event.At, p []byte) {
	side := speaker
	if d.orient(client) {
		side = side.Other()
	}
	// Where an answer is the first that is known, its request was missed.
	d.exchange(upgrade.Options{Blind: [2]bool{d.blind, d.blind}, Unpaired: d.blind && speaker != client,
		Requests: speaker == client}, side, len(p))
	if len(p) > 0 {
		d.carrier.Stack().Top.Data(side, at, p)
	}
}

// exchange makes the layer of requests and answers and hands over what is held; so many octets more of a side are to
// come at once.
func (d *detector) exchange(o upgrade.Options, side event.Side, coming int) {
	d.tellPassed()
	x := d.maker.upgrades.New(d.carrier, o)
	d.carrier.Stack().Top = x
	x.Adopt(d.held, side, coming)
}

// frames hands over to a conversation whose handshake was not captured.
func (d *detector) frames(client event.Side) {
	d.orient(client)
	d.tellPassed()
	d.replaceBy(d.maker.convos.Midstream(d.carrier, d.carrier.First(), [2]ws.Start{ws.Midstream, ws.Midstream}, false))
}

// Size is that of layer.Sized.
func (d *detector) Size() int {
	size := d.held[0].Size() + d.held[1].Size()
	if d.preface != nil {
		size += 1<<10 + d.took[0].Size() + d.took[1].Size()
	}
	return size
}
