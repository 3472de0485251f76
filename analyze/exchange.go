package analyze

import (
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// exchange is the layer of HTTP/1.x: it pairs requests with answers and makes a handshake event of every upgrade attempt.
//
// Behind an upgrade request the client's octets are held until the answer decides what they are, and the server's octets
// are held until the request that they answer was read: captures do not keep the order between directions.
type exchange struct {
	parser [2]http1.Parser // with memory of their own, that is used again
	pairing
}

// pairing is what is known of an exchange.
type pairing struct {
	session *session
	held    [2]held
	ended   [2]bool
	// queue holds the requests whose answers are not complete, the oldest first.
	queue []*request
	// waiting says that the newest request asked for an upgrade and its answer decides how the client's octets go on.
	waiting bool
	// whole says that the body of that request is over, too: what follows is not its own.
	whole bool
	// alone says that answers are read without their requests: those will not come.
	alone bool
	// veiled says that the answer which decides may have been in a gap: the server's octets are held, too.
	veiled bool
	// astray says, by side, that a head may have been missed: what is paired from then on is a guess where it is not said by itself.
	astray [2]bool
	// switched is the 101 (or the 2xx to a CONNECT) that ends this layer.
	switched *request
	base     [2]uint64 // offset of this layer's first octet in the side's TCP stream
	attempts int
	refused  *request // whose answer's body is being read
	stray    stray    // of the server's octets, for evidence of what is no answer
	// first and its place in queue are all that most connections need.
	first struct {
		request
		taken bool
		place [1]*request
	}
}

// request is a request on its way to an answer, or an answer whose request was not seen.
type request struct {
	head     *event.Head // nil where not seen
	attempt  handshake.Attempt
	noBody   bool // HEAD
	connect  bool // CONNECT
	answer   *event.Head
	evidence event.Evidence
	done     bool // its handshake event was made
}

// request makes room for one.
func (x *exchange) request() *request {
	if x.first.taken {
		return new(request)
	}
	x.first.taken = true
	return &x.first.request
}

// bodyKept is how much of a refusal's body is looked at for the reason.
const bodyKept = 1 << 10

func newExchange(s *session, blind bool) *exchange {
	x := s.em.exchange()
	x.session, x.astray = s, [2]bool{blind, blind}
	x.queue = x.first.place[:0]
	limits := http1.Limits{HeadOctets: s.em.cfg.MaxHead}
	x.parser[event.Client].Reset(http1.Request, limits, (*requests)(x))
	x.parser[event.Server].Reset(http1.Response, limits, (*answers)(x))
	for side := range x.base {
		x.base[side] = s.offset[s.dir(event.Side(side))]
	}
	return x
}

// adopt takes over what was held before this layer was known; so many octets more of a side are to come at once.
func (x *exchange) adopt(h [2]held, side event.Side, coming int) {
	for i := range h {
		x.base[i] -= uint64(h[i].octets)
	}
	x.base[side] -= uint64(coming)
	x.held = h
	x.pump()
}

func (x *exchange) data(side event.Side, at event.At, p []byte) {
	if x.held[side].empty() && x.ready(side) {
		p = p[x.read(side, at, p):]
	}
	if len(p) > 0 {
		if side == event.Server && http1.LooksLikeResponse(p) == http1.Yes {
			x.veiled = false
		}
		x.held[side].add(at, p)
		x.overfull(side)
	}
	x.pump()
	if s := x.session; s.layer == layer(x) && x.waiting && x.late(at) {
		x.unseen()
	}
}

// read gives octets to the parser of a side and returns how many it took.
func (x *exchange) read(side event.Side, at event.At, p []byte) (taken int) {
	if side == event.Client {
		return x.parser[side].Data(at, p)
	}
	x.stray.reading(x.parser[side].Offset(), p)
	taken = x.parser[side].Data(at, p)
	x.stray.read(taken)
	return taken
}

// late says that an answer which was captured would have come by now.
func (x *exchange) late(at event.At) bool {
	q := x.newest()
	return x.veiled || q.head != nil && at.Time-q.head.Last.Time > answerExpected
}

// answerExpected is when frames of a client are taken for what they are though no answer was seen, ns.
const answerExpected = 2e9

func (x *exchange) gap(side event.Side, at event.At, n uint64) {
	if x.held[side].empty() && x.ready(side) {
		n -= x.parser[side].Gap(at, n)
	}
	if n > 0 {
		x.held[side].addGap(at, n)
	}
	x.pump()
}

// ready says whether the octets of a side can be read now.
func (x *exchange) ready(side event.Side) bool {
	if x.switched != nil {
		return false
	}
	if side == event.Client {
		return !x.waiting || !x.whole
	}
	return (len(x.queue) > 0 || x.alone) && !x.veiled
}

func (x *exchange) newest() *request { return x.queue[len(x.queue)-1] }

// overfull gives up waiting for the other side when a side holds more than it may.
func (x *exchange) overfull(side event.Side) {
	if x.held[side].octets <= x.session.em.cfg.MaxHeld {
		return
	}
	if side == event.Server {
		x.alone, x.veiled = true, false
		return
	}
	if x.unseen() || !x.waiting {
		return
	}
	// A client that sends so much without an answer: what it sends cannot be told. The attempt stays open.
	x.session.caveat(x.held[side].pieces[0].at, "held-limit", "the client sent more behind its upgrade request than is kept while the answer is not seen", event.Some(uint64(x.held[side].octets)))
	x.held[side] = held{}
	x.astray[side] = true
}

// pump reads what is held as far as it has become readable.
func (x *exchange) pump() {
	for moved := true; moved && x.switched == nil; {
		moved = false
		for side := range x.held {
			h := &x.held[side]
			for !h.empty() && x.ready(event.Side(side)) {
				p := h.take()
				before := p.gap + uint64(len(p.octets))
				if p.gap > 0 {
					p.gap -= x.parser[side].Gap(p.at, p.gap)
				} else {
					p.octets = p.octets[x.read(event.Side(side), p.at, p.octets):]
				}
				left := p.gap + uint64(len(p.octets))
				if left > 0 {
					h.giveBack(p)
				}
				if left == before {
					break
				}
				moved = true
			}
			if h.empty() && x.ended[side] && x.ready(event.Side(side)) {
				x.parser[side].End(x.session.conn.Last())
			}
		}
	}
	if x.switched != nil {
		x.leave()
	}
}

func (x *exchange) end(side event.Side, at event.At, why reassembly.End) {
	x.ended[side] = true
	if x.held[side].empty() && x.ready(side) {
		x.parser[side].End(at)
	}
	if side == event.Client {
		x.alone = true // no request will come any more
	}
	x.pump()
}

// finish makes the events of what was left open.
func (x *exchange) finish(at event.At) {
	s := x.session
	x.alone = true
	if !x.unseen() {
		x.veiled = false
		x.pump()
	}
	if s.layer != layer(x) {
		s.layer.finish(at) // what was held decided it
		return
	}
	for _, q := range x.queue {
		if q.attempt == handshake.NoAttempt || q.done {
			continue
		}
		if q.answer == nil {
			x.unanswered(q)
		}
		x.judge(q)
	}
	x.queue = nil
	if x.attempts > 0 {
		s.em.connection(s.account(at))
	}
	s.em.exchanges.Put(x)
}

// unanswered gathers what is certain of an attempt that got no answer.
func (x *exchange) unanswered(q *request) {
	s := x.session
	if rest := x.held[event.Server]; !rest.empty() || x.astray[event.Server] || q.head == nil {
		return
	}
	if why := s.ends[s.dir(event.Server)]; why != reassembly.EndFIN && why != reassembly.EndReset && why != reassembly.EndPeerReset || !s.seen(event.Server) {
		return
	}
	f := s.first()
	by := f.side
	if f.why == reassembly.EndPeerReset {
		by = by.Other()
	}
	q.evidence.Silent = &event.Silence{At: f.at, By: by, Reset: f.why != reassembly.EndFIN}
	if q == x.queue[len(x.queue)-1] {
		q.evidence.Early, q.evidence.EarlyAt = x.early(x.parser[event.Server].Offset(), f.at)
	}
}

// requests and answers are the two ends of an exchange as handlers of their parsers.
type (
	requests exchange
	answers  exchange
)

func (r *requests) Head(h *event.Head) http1.Next {
	x := (*exchange)(r)
	if h.Cut == event.CutEnd && h.Target == "" {
		return http1.ByFields // not even a request line
	}
	q := x.request()
	*q = request{attempt: handshake.AttemptOf(h), noBody: h.Method == "HEAD", connect: h.Method == "CONNECT", head: h}
	x.queue = append(x.queue, q)
	if q.attempt != handshake.NoAttempt {
		x.attempts++
		x.session.conn.Keep()
		x.waiting, x.whole = true, h.Cut == event.CutGap
		x.session.em.asked(x.session.event(), q.head)
		if x.whole {
			return http1.Switch // where its body ends is not known
		}
		return http1.SwitchAfterBody
	}
	if q.connect {
		x.waiting, x.whole = true, true
		return http1.Switch
	}
	return http1.ByFields
}

func (r *requests) Body(event.At, uint64, []byte)           {}
func (r *requests) Bad(at event.At, err *event.SyntaxError) { (*exchange)(r).lose(event.Client) }
func (r *requests) Lost(at event.At, offset uint64)         { (*exchange)(r).lose(event.Client) }

// Complete is called behind a request and its body.
func (r *requests) Complete(event.At) {
	x := (*exchange)(r)
	x.whole = true
	if !x.waiting {
		x.parser[event.Client].Resume() // an upgrade that was refused before its body was over
	}
}

// lose remembers that heads of a side may have been missed.
func (x *exchange) lose(side event.Side) {
	x.astray[side] = true
	if side == event.Client {
		x.alone, x.whole = true, true
	}
}

func (a *answers) Head(h *event.Head) http1.Next {
	x := (*exchange)(a)
	x.settle()
	if len(x.queue) == 0 {
		x.queue = append(x.queue, &request{})
	}
	q := x.queue[0]
	switch {
	case h.Status == 0:
		return http1.ByFields
	case h.Status == 101:
		return x.accept(h)
	case h.Status < 200:
		q.evidence.Interim = append(q.evidence.Interim, h)
		return http1.NoBody
	}
	q.answer = h
	switch {
	case q.connect && h.Status < 300:
		x.switched = q
		return http1.Switch
	case q.attempt != handshake.NoAttempt:
		q.evidence.Early, q.evidence.EarlyAt = x.early(h.Offset, h.First)
		x.refused = q
	}
	x.goOn(q)
	if q.noBody {
		return http1.NoBody
	}
	return http1.ByFields
}

// accept takes a 101, which answers the oldest request; with heads missed, the one that asked for an upgrade.
func (x *exchange) accept(h *event.Head) http1.Next {
	q := x.queue[0]
	if q.attempt == handshake.NoAttempt && q.head != nil {
		for _, later := range x.queue[1:] {
			if later.attempt != handshake.NoAttempt && x.astray[event.Server] {
				q = later
				break
			}
		}
		if q.attempt == handshake.NoAttempt && x.astray[event.Client] {
			q = &request{} // it answers a request that was not seen
		}
	}
	q.answer = h
	q.evidence.Early, q.evidence.EarlyAt = x.early(h.Offset, h.First)
	x.switched = q
	return http1.Switch
}

// early finds the octets that the client had sent behind its request when the answer began, at an offset of the server's
// octets in this layer: captured before that, and by a segment that is known not to acknowledge it: by its number, or because the request is in it, too.
func (x *exchange) early(answer uint64, began event.At) (octets []byte, at event.At) {
	begins := x.base[event.Server] + answer
	var asked uint64 // the packet with the end of the request
	if len(x.queue) > 0 && x.newest().head != nil {
		asked = x.newest().head.Last.Ordinal
	}
	for _, p := range x.held[event.Client].pieces {
		if p.gap > 0 || p.at.Ordinal > began.Ordinal || p.at.Acked < 0 && p.at.Ordinal != asked || p.at.Acked > int64(begins) {
			break
		}
		if octets == nil {
			at = p.at
		}
		octets = append(octets, p.octets[:min(len(p.octets), event.EarlyKept-len(octets))]...)
	}
	return octets, at
}

// goOn lets the client's octets be read as requests again, unless a later request waits for its own answer.
func (x *exchange) goOn(q *request) {
	if !x.waiting || q != x.newest() {
		return
	}
	x.waiting = false
	x.parser[event.Client].Resume()
}

func (a *answers) Body(at event.At, offset uint64, p []byte) {
	x := (*exchange)(a)
	if q := x.refused; q != nil {
		e := &q.evidence
		if offset == uint64(len(e.Body)) {
			e.Body = append(e.Body, p[:min(len(p), bodyKept-len(e.Body))]...)
		}
		if len(e.Body) == bodyKept || offset > uint64(len(e.Body)) {
			x.settle()
		}
	}
}

// settle makes the event of a refusal, when enough of its body is known.
func (x *exchange) settle() {
	if q := x.refused; q != nil {
		x.refused = nil
		x.judge(q)
	}
}

func (a *answers) Complete(event.At) {
	x := (*exchange)(a)
	x.settle()
	if len(x.queue) > 0 && x.queue[0].answer != nil && x.switched == nil {
		x.queue[0] = nil
		x.queue = x.queue[1:]
	}
}

func (a *answers) Bad(at event.At, err *event.SyntaxError) {
	x := (*exchange)(a)
	x.settle()
	if q := x.oldest(); q != nil && q.answer == nil && !x.astray[event.Server] {
		q.evidence.NotHTTPAt = at
		x.stray.found(err.Offset, &q.evidence.NotHTTP)
	}
	x.veiled = x.astray[event.Server] && x.undecided() // what stands there may be behind the answer
	x.lose(event.Server)
}

// undecided says that the next answer is the one that is waited for.
func (x *exchange) undecided() bool {
	return x.waiting && len(x.queue) == 1 && x.queue[0].answer == nil
}

// oldest is the request that the next answer belongs to, nil where none was seen.
func (x *exchange) oldest() *request {
	if len(x.queue) == 0 {
		return nil
	}
	return x.queue[0]
}

func (a *answers) Lost(at event.At, offset uint64) {
	x := (*exchange)(a)
	x.settle()
	x.veiled = x.undecided()
	x.lose(event.Server)
}

// judge makes the handshake event of an attempt. What it returns is valid until the next one.
func (x *exchange) judge(q *request) *event.Handshake {
	s := x.session
	q.done = true
	h := &s.em.attempt
	*h = event.Handshake{Conn: s.event(), Transport: "http/1.1", Request: q.head, Response: q.answer, Evidence: q.evidence}
	s.below.describe(h)
	switch {
	case q.answer != nil && q.head != nil:
		h.At = reassembly.Later(q.head.Last, q.answer.Last)
	case q.answer != nil:
		h.At = q.answer.Last
	default:
		h.At = q.head.Last
	}
	s.em.cfg.Checks.Handshake(handshake.Read(h), s.em.cfg.Policy)
	for _, f := range h.Findings {
		s.note(f)
	}
	if h.Verdict == event.Established || h.Verdict == event.Invalid {
		s.websocket = true
	}
	s.em.handshake(*h)
	return h
}

// leave hands over to the layer behind a 101, or to what a CONNECT opened.
func (x *exchange) leave() {
	s, q := x.session, x.switched
	x.settle()
	switch {
	case q.connect && q.attempt == handshake.NoAttempt:
		l := &sniffing{session: s}
		s.become(l)
		x.replay()
	default:
		x.attempts++
		h := x.judge(q)
		if h.Verdict == event.OtherUpgrade || q.head != nil && q.attempt == handshake.NoAttempt {
			l := &opaque{session: s}
			s.become(l)
			x.replay()
			return
		}
		c := newConversation(s, h)
		s.become(c)
		x.replay()
		s.em.exchanges.Put(x)
	}
}

// replay gives the layer that took over what is held, and the ends that came.
func (x *exchange) replay() {
	s := x.session
	s.replay(&x.held)
	for side, ended := range x.ended {
		if ended {
			s.layer.end(event.Side(side), s.conn.Last(), s.ends[s.dir(event.Side(side))])
		}
	}
}

// behindRequest is how many bits of evidence the client's octets right behind an upgrade request need to be taken for
// frames: one of them, up to the end of its segment, since nothing else than frames or a request can stand there.
const behindRequest = 12

// unseen decides what an upgrade led to whose answer was not captured, by what the client sent behind it: frames mean that
// it was accepted, another request that it was not.
func (x *exchange) unseen() bool {
	s := x.session
	if !x.waiting || len(x.queue) == 0 || !x.veiled && s.seen(event.Server) {
		return false
	}
	q := x.newest()
	if q.head == nil || q.done || q.attempt != handshake.WebSocketAttempt {
		return false
	}
	behind := &x.held[event.Client]
	var first [64]byte
	if http1.LooksLikeRequest(behind.peek(first[:0], len(first))) == http1.Yes {
		x.judge(q)
		x.queue = x.queue[:len(x.queue)-1]
		x.goOnWithout()
		return false
	}
	start := [2]ws.Start{event.Client: begins(q.head), event.Server: ws.Midstream}
	if behind.broken() || x.astray[event.Client] {
		start[event.Client] = ws.Midstream
	}
	var segments [2][][]byte
	segments[s.client] = behind.segments()
	g := ws.Probe(segments)
	if start[event.Client] == ws.Midstream || g.Client != s.client || g.Bits < behindRequest {
		segments[s.client.Other()] = x.held[event.Server].segments()
		if g = ws.Probe(segments); g.Verdict != ws.ProbeYes || g.Client != s.client {
			return false
		}
	}
	x.judge(q)
	c := newMidstream(s, start)
	c.start = q.head.Last
	x.queue = nil
	s.become(c)
	x.replay()
	return true
}

// goOnWithout reads the client's next request though the answer to the one before was missed.
func (x *exchange) goOnWithout() {
	x.waiting, x.veiled = false, false
	x.parser[event.Client].Resume()
	x.pump()
}
