// Package upgrade is the layer of HTTP/1.x: it pairs requests with answers and makes a handshake event of every
// upgrade attempt.
package upgrade

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/internal/spoken"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// Next makes the layers behind an exchange. All of them lie on the carrier that the exchange lay on.
type Next interface {
	// Conversation is the layer of the frames behind the handshake h.
	Conversation(h *event.Handshake, carrier layer.Carrier) layer.Layer
	// Midstream is the layer of frames where no answer was captured; from is the packet of the request.
	Midstream(carrier layer.Carrier, from event.At, start [2]ws.Start) layer.Layer
	// Tunnel is the layer of what a CONNECT to a target opened.
	Tunnel(target string, carrier layer.Carrier) layer.Layer
	// Opaque is the layer of what is not WebSocket; h says what it is instead.
	Opaque(h *event.Handshake, carrier layer.Carrier) layer.Layer
}

// Maker makes the exchanges of a shard.
type Maker struct {
	*shard.Shard
	next    Next
	spare   freelist.List[Exchange]
	attempt event.Handshake // being judged
}

// NewMaker returns a Maker for a shard, whose exchanges hand over to the layers of next.
func NewMaker(s *shard.Shard, next Next) *Maker { return &Maker{Shard: s, next: next} }

// Options say what is known of the octets of an exchange.
type Options struct {
	Blind    [2]bool // the beginning of the side was not captured
	Unpaired bool    // the request of the first answer was missed
	Requests bool    // the client's octets begin with a request, whatever is known of what came before
}

// New makes the layer of a carrier.
func (m *Maker) New(carrier layer.Carrier, o Options) *Exchange {
	x := m.spare.Take()
	if x == nil {
		x = new(Exchange)
	}
	x.state = state{maker: m, carrier: carrier}
	x.desynchronised = o.Blind
	if o.Unpaired {
		x.requestsOver()
	}
	x.queue = x.first.place[:0]
	limits := http1.Limits{HeadOctets: m.MaxHead}
	x.parser[event.Server].Reset(http1.Response, limits, (*answerHandler)(x))
	limits.AnyRequestLine = !o.Blind[event.Client] || o.Requests // a request is what is due
	x.parser[event.Client].Reset(http1.Request, limits, (*requestHandler)(x))
	x.base = carrier.Stack().Offset
	return x
}

// Exchange is the layer of requests and answers.
type Exchange struct {
	parser [2]http1.Parser // with memory of their own, that is used again
	state
}

// state is what is known of an exchange.
type state struct {
	maker   *Maker
	carrier layer.Carrier
	pairing
	held  [2]layer.Buffer // what cannot be read yet: see pairing
	ended [2]bool
	// queue holds the requests whose answers are not complete, the oldest first.
	queue   []*request
	waiting int    // memory of the requests in queue, octets
	unkept  uint64 // requests whose heads were not kept, since that was told
	// decided is the request whose 101 (or 2xx to a CONNECT) ends this layer.
	decided  *request
	base     [2]uint64 // offset of this layer's first octet in the side's stream
	attempts int
	session  *request        // whose answer may give out an id
	refused  *request        // whose answer's body is being read
	behind   *afterRefusal   // what the client sends behind a refusal, nil where there was none
	recent   recentOctets    // of the server's, for evidence of what is no answer
	frames   earlyFrames     // that the server sent before its answer
	doubtful *event.Doubtful // an ordinary message on whose length programs may disagree
	cutAt    uint64          // offset in the client's octets behind the last head of which a part was not captured
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
	done     bool   // its handshake event was made
	unkept   bool   // its head was seen and not kept
	more     uint64 // requests right behind it that are like it, unkept
	memory   int    // octets
}

// request makes room for one.
func (x *Exchange) request() *request {
	if x.first.taken {
		return new(request)
	}
	x.first.taken = true
	return &x.first.request
}

// Adopt takes over what was held before this layer was known; so many octets more of a side are to come at once.
func (x *Exchange) Adopt(h [2]layer.Buffer, side event.Side, coming int) {
	for i := range h {
		x.base[i] -= uint64(h[i].Octets)
	}
	x.base[side] -= uint64(coming)
	x.held = h
	if x.is(unpaired) {
		x.pumpSide(event.Server) // its 101 says what the client's octets are
	}
	x.pump()
}

func (x *Exchange) Data(side event.Side, at event.At, p []byte) {
	if x.held[side].Empty() && x.ready(side) && !(side == event.Server && x.mayBeFrames(p)) {
		p = p[x.read(side, at, p):]
	}
	if len(p) > 0 {
		if side == event.Server && http1.LooksLikeResponse(p) == http1.Yes {
			x.responseFound()
			if x.held[side].Empty() && len(x.queue) == 0 && x.acknowledgesAll(at) && bytes.HasPrefix(p[len("HTTP/1.1"):], []byte(" 101")) {
				x.parser[event.Client].AnswerBegan(at) // to a head whose end we do not recognise
			}
		}
		x.held[side].Add(at, p)
		x.overfull(side)
	}
	x.pump()
	if x.current() && x.undecided() && x.late(at) {
		x.answerUnseen()
	}
}

// acknowledgesAll reports whether a segment of the server acknowledges what was read of the client, and no more: nothing
// that it answers is still to come.
func (x *Exchange) acknowledgesAll(at event.At) bool {
	return at.Acked >= 0 && uint64(at.Acked) <= x.base[event.Client]+x.parser[event.Client].Offset()
}

// read gives octets to the parser of a side and returns how many it took.
func (x *Exchange) read(side event.Side, at event.At, p []byte) (taken int) {
	if side == event.Client {
		if x.behind == nil {
			return x.parser[side].Data(at, p)
		}
		x.behind.recent.reading(x.parser[side].Offset(), p)
		taken = x.parser[side].Data(at, p)
		x.behind.recent.read(taken)
		x.behind.judge(x)
		return taken
	}
	x.recent.reading(x.parser[side].Offset(), p)
	taken = x.parser[side].Data(at, p)
	x.recent.read(taken)
	return taken
}

// late says that an answer which was captured would have come by now.
func (x *Exchange) late(at event.At) bool {
	q := x.newest()
	return x.is(responseMaybeLost) || q.head != nil && at.Time-q.head.Last.Time > answerExpected
}

// answerExpected is when frames of a client are taken for what they are though no answer was seen, ns.
const answerExpected = 2e9

func (x *Exchange) Gap(side event.Side, at event.At, n uint64) {
	if x.held[side].Empty() && x.ready(side) {
		n -= x.parser[side].Gap(at, n)
	}
	if n > 0 {
		x.held[side].AddGap(at, n)
	}
	x.pump()
}

// ready says whether the octets of a side can be read now.
func (x *Exchange) ready(side event.Side) bool { return x.pairing.ready(side, len(x.queue) > 0) }

func (x *Exchange) newest() *request { return x.queue[len(x.queue)-1] }

// overfull gives up waiting for the other side when a side holds more than it may.
func (x *Exchange) overfull(side event.Side) {
	if x.held[side].Octets <= x.maker.MaxHeld {
		return
	}
	if side == event.Server {
		x.requestsOver()
		x.responseFound()
		x.frames.over = true
		return
	}
	if x.answerUnseen() || !x.undecided() {
		return
	}
	// A client that sends so much without an answer: what it sends cannot be told. The attempt stays open.
	x.maker.Caveat(event.Caveat{Conn: x.carrier.Conn(), At: x.held[side].Pieces[0].At, Name: "held-limit",
		Text:  "the client sent more after its upgrade request than is kept while the answer is not seen",
		Bytes: event.Some(uint64(x.held[side].Octets))})
	x.held[side] = layer.Buffer{}
	x.desynchronised[side] = true
}

// pump reads what is held as far as it has become readable.
func (x *Exchange) pump() {
	for moved := true; moved && !x.switched; {
		moved = false
		for side := range x.held {
			moved = x.pumpSide(event.Side(side)) || moved
		}
	}
	if x.switched {
		x.switchProtocol()
	}
}

// pumpSide is pump for one side, and reports whether anything was read.
func (x *Exchange) pumpSide(side event.Side) (moved bool) {
	h := &x.held[side]
	for !h.Empty() && x.ready(side) {
		if side == event.Server && !x.takeEarlyFrames() {
			break
		}
		p := h.Next()
		before := p.Gap + uint64(len(p.Octets))
		if p.Gap > 0 {
			p.Gap -= x.parser[side].Gap(p.At, p.Gap)
		} else {
			p.Octets = p.Octets[x.read(side, p.At, p.Octets):]
		}
		left := p.Gap + uint64(len(p.Octets))
		if left > 0 {
			h.PutBack(p)
		}
		if left == before {
			break
		}
		moved = true
	}
	if h.Empty() && x.ended[side] && x.ready(side) {
		x.parser[side].End(x.carrier.Last())
	}
	return moved
}

func (x *Exchange) End(side event.Side, at event.At, why reassembly.End) {
	x.ended[side] = true
	if x.held[side].Empty() && x.ready(side) {
		x.parser[side].End(at)
	}
	if side == event.Client {
		x.requestsOver() // no request will come any more
	}
	x.pump()
	if why == reassembly.EndFIN {
		x.Reset(side, at)
	}
}

// Reset tells that a side has begun to end the connection, while an attempt has no answer.
func (x *Exchange) Reset(by event.Side, at event.At) {
	if x.current() && slices.ContainsFunc(x.queue, (*request).unanswered) {
		x.maker.Cut(event.Abrupt{Conn: x.carrier.Conn(), At: at, By: event.Some(by), Begun: true})
	}
}

// unanswered reports whether q is an attempt that has no answer.
func (q *request) unanswered() bool {
	return q.attempt != handshake.NoAttempt && q.answer == nil && !q.done
}

// finish makes the events of what was left open.
func (x *Exchange) Finish(at event.At) {
	x.requestsOver()
	if !x.frames.over && !x.held[event.Server].Empty() {
		x.frames.over = true // what is held are no frames before an answer
		x.pump()
	}
	if !x.answerUnseen() {
		x.responseFound()
		x.pump()
	}
	if !x.current() {
		x.carrier.Stack().Top.Finish(at) // what was held decided it
		return
	}
	var account event.Connection
	if x.attempts > 0 { // first, since a missing answer may follow from what TCP tells
		account = x.carrier.Account(at)
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
	x.queue, x.waiting = nil, 0
	switch {
	case x.attempts > 0:
		x.maker.Connection(account)
	case x.desynchronised[event.Client] || x.desynchronised[event.Server]:
		x.maker.Speaks(spoken.HTTPPart)
	default:
		x.maker.Speaks(spoken.HTTP)
	}
	x.put()
}

// put gives the exchange back for the next connection, without what it kept.
func (x *Exchange) put() {
	m := x.maker
	x.state = state{maker: m, carrier: x.carrier} // its callers may still ask for these
	m.spare.Put(x)
}

// unanswered gathers what is certain of an attempt that got no answer.
func (x *Exchange) unanswered(q *request) {
	// Where a request was missed, an answer that was read may be the one to q.
	missed := x.desynchronised[event.Client] || x.desynchronised[event.Server]
	if missed || !x.held[event.Server].Empty() || q.head == nil || !x.carrier.Seen(event.Server) {
		return
	}
	stack := x.carrier.Stack()
	switch stack.Ended(event.Server).Why {
	case reassembly.EndFIN, reassembly.EndReset, reassembly.EndPeerReset:
	default:
		return
	}
	first := stack.First()
	by := first.Side
	if first.Why == reassembly.EndPeerReset {
		by = by.Other()
	}
	q.evidence.Silent = &event.Silence{At: first.At, By: by, Reset: first.Why != reassembly.EndFIN}
	if q == x.newest() {
		q.evidence.Early, q.evidence.EarlyAt = x.early(x.parser[event.Server].Offset(), first.At)
	}
}

// requestHandler and answerHandler are the two ends of an exchange as handlers of their parsers.
type (
	requestHandler Exchange
	answerHandler  Exchange
)

func (r *requestHandler) Head(h *event.Head) http1.Next {
	x := (*Exchange)(r)
	if h.Cut == event.CutEnd && h.Target == "" && h.Version == "" {
		return http1.ByFields // not even a request line
	}
	q := x.request()
	*q = request{attempt: handshake.AttemptOf(h), noBody: h.Method == "HEAD", connect: h.Method == "CONNECT", head: h}
	x.enqueue(q)
	if q.attempt != handshake.NoAttempt {
		x.attempts++
		x.carrier.Keep(layer.Attempted)
		x.asked(h.Cut != event.CutGap)
		x.maker.Request(x.carrier.Conn(), q.head)
		if h.Cut == event.CutGap {
			return http1.Switch // where its body ends is not known
		}
		return http1.SwitchAfterBody
	}
	if q.connect {
		x.asked(false)
		return http1.Switch
	}
	x.doubt(h)
	return http1.ByFields
}

// doubt keeps of an ordinary message what makes programs disagree on its length.
func (x *Exchange) doubt(h *event.Head) {
	if x.doubtful != nil {
		return
	}
	f := http1.FramingOf(h)
	if f.Doubts == 0 {
		return
	}
	cut := func(list []string) []string {
		for i, text := range list {
			list[i] = clipped(text)
		}
		return list
	}
	f.Lengths, f.Codings = cut(f.Lengths), cut(f.Codings)
	x.doubtful = &event.Doubtful{StartLine: clipped(h.StartLine), Answer: h.Status != 0, Last: h.Last, Framing: f}
}

// clipped is a text of its own, of 128 octets at most.
func clipped(text string) string { return strings.Clone(text[:min(len(text), 128)]) }

func (r *requestHandler) Body(event.At, uint64, []byte) {}
func (r *requestHandler) Bad(at event.At, err *event.SyntaxError) {
	if b := (*Exchange)(r).behind; b != nil {
		b.bad(at, err.Offset)
	}
	(*Exchange)(r).desynchronise(event.Client)
}

func (r *requestHandler) Lost(at event.At, offset uint64) {
	x := (*Exchange)(r)
	x.cutAt = x.parser[event.Client].Offset()
	x.desynchronise(event.Client)
}

// Complete is called behind a request and its body.
func (r *requestHandler) Complete(event.At) {
	x := (*Exchange)(r)
	x.complete()
	if !x.undecided() {
		x.parser[event.Client].Resume() // an upgrade that was refused before its body was over
	}
}

func (a *answerHandler) Head(h *event.Head) http1.Next {
	x := (*Exchange)(a)
	x.reportRefusal()
	x.reportSession()
	if q := x.oldest(); q != nil && q.answer != nil {
		x.dequeue() // the end of its answer was missed
	}
	if len(x.queue) == 0 {
		x.queue = append(x.queue, &request{})
	}
	q := x.queue[0]
	for i := range h.Fields {
		if f := &h.Fields[i]; event.EqualFold(f.Name, "alt-svc") {
			x.maker.AltService(x.carrier.Conn(), f.Value, h.Last)
		}
	}
	switch {
	case h.Status == 0:
		return http1.ByFields
	case h.Status == 101:
		return x.accept(h)
	case h.Status < 200:
		if len(q.evidence.Interim) < event.InterimKept {
			q.evidence.Interim = append(q.evidence.Interim, h)
			q.memory += memoryOf(h)
			x.waiting += memoryOf(h)
		}
		return http1.NoBody
	}
	q.answer = h
	switch {
	case q.connect && h.Status < 300:
		x.decided, x.switched = q, true
		return http1.Switch
	case q.attempt != handshake.NoAttempt:
		q.evidence.Early, q.evidence.EarlyAt = x.early(h.Offset, h.First)
		x.refused = q
		x.behind = &afterRefusal{answer: h, begins: x.base[event.Server] + h.Offset}
		x.parser[event.Client].NoFrames() // they may follow
	}
	if q.attempt == handshake.NoAttempt {
		x.doubt(h)
	}
	if q.attempt == handshake.NoAttempt && givesSession(q.head, h) {
		x.session = q
	}
	x.goOn(q)
	if q.noBody {
		return http1.NoBody
	}
	return http1.ByFields
}

// accept takes a 101, which answers the oldest request; with heads missed, the one that asked for an upgrade.
func (x *Exchange) accept(h *event.Head) http1.Next {
	q := x.queue[0]
	if q.attempt == handshake.NoAttempt && (q.head != nil || len(q.evidence.Interim) > 0) {
		for _, later := range x.queue[1:] {
			if later.attempt != handshake.NoAttempt && x.desynchronised[event.Server] {
				q = later
				break
			}
		}
		if q.attempt == handshake.NoAttempt && q.head != nil && x.desynchronised[event.Client] && !x.cutRequest() {
			q = &request{} // it answers a request that was not seen
		}
	}
	q.answer = h
	q.evidence.Early, q.evidence.EarlyAt = x.early(h.Offset, h.First)
	x.decided, x.switched = q, true
	return http1.Switch
}

// cutRequest says that the only request that waits for its answer was cut before the fields that say what it asks for,
// and that the client sent nothing behind it: the answer is its own.
func (x *Exchange) cutRequest() bool {
	q := x.queue[0].head
	return len(x.queue) == 1 && q.Cut == event.CutGap && x.parser[event.Client].Offset() == x.cutAt && x.held[event.Client].Empty()
}

// early finds the octets that the client had sent behind its request when the answer began, at an offset of the
// server's octets in this layer: captured before that, and by a segment that is known not to acknowledge it: by its
// number, or because the request is in it, too.
func (x *Exchange) early(answer uint64, began event.At) (octets []byte, at event.At) {
	begins := x.base[event.Server] + answer
	var asked uint64 // the packet with the end of the request
	if len(x.queue) > 0 && x.newest().head != nil {
		asked = x.newest().head.Last.Ordinal
	}
	for _, p := range x.held[event.Client].Pieces {
		if p.Gap > 0 || p.At.Ordinal > began.Ordinal || p.At.Acked < 0 && p.At.Ordinal != asked || p.At.Acked > int64(begins) {
			break
		}
		if octets == nil {
			at = p.At
		}
		octets = append(octets, p.Octets[:min(len(p.Octets), event.EarlyKept-len(octets))]...)
	}
	return octets, at
}

// goOn lets the client's octets be read as requests again, unless a later request waits for its own answer.
func (x *Exchange) goOn(q *request) {
	if !x.undecided() || q != x.newest() {
		return
	}
	x.answered()
	x.parser[event.Client].Resume()
}

func (a *answerHandler) Body(at event.At, offset uint64, p []byte) {
	x := (*Exchange)(a)
	if q := x.refused; q != nil {
		e := &q.evidence
		if offset == uint64(len(e.Body)) {
			e.Body = append(e.Body, p[:min(len(p), handshake.BodyKept-len(e.Body))]...)
		}
		if len(e.Body) == handshake.BodyKept || offset > uint64(len(e.Body)) {
			x.reportRefusal()
		}
	}
	if q := x.session; q != nil {
		e := &q.evidence
		if offset == uint64(len(e.Body)) {
			e.Body = append(e.Body, p[:min(len(p), handshake.BodyKept-len(e.Body))]...)
		}
		if len(e.Body) == handshake.BodyKept {
			x.reportSession()
		}
	}
}

// reportRefusal makes the event of a refusal, when enough of its body is known.
func (x *Exchange) reportRefusal() {
	if q := x.refused; q != nil {
		x.refused = nil
		x.judge(q)
	}
}

func (a *answerHandler) Complete(event.At) {
	x := (*Exchange)(a)
	x.reportRefusal()
	x.reportSession()
	if len(x.queue) > 0 && x.queue[0].answer != nil && !x.switched {
		x.dequeue()
	}
}

func (a *answerHandler) Bad(at event.At, err *event.SyntaxError) {
	x := (*Exchange)(a)
	x.reportRefusal()
	if q := x.oldest(); q != nil && q.answer == nil && !x.desynchronised[event.Server] {
		q.evidence.NotHTTPAt = at
		x.recent.found(err.Offset, &q.evidence.NotHTTP)
	}
	x.setResponseLost(x.desynchronised[event.Server] && x.deciding()) // what stands there may be behind the answer
	x.desynchronise(event.Server)
}

// setResponseLost notes whether the answer that decides may have been missed.
func (x *Exchange) setResponseLost(lost bool) {
	if lost {
		x.responseLost()
	} else {
		x.responseFound()
	}
}

// deciding says that the next answer is the one that is waited for.
func (x *Exchange) deciding() bool {
	return x.undecided() && len(x.queue) == 1 && x.queue[0].answer == nil
}

// oldest is the request that the next answer belongs to, nil where none was seen.
func (x *Exchange) oldest() *request {
	if len(x.queue) == 0 {
		return nil
	}
	return x.queue[0]
}

func (a *answerHandler) Lost(at event.At, offset uint64) {
	x := (*Exchange)(a)
	x.reportRefusal()
	x.setResponseLost(x.deciding())
	x.desynchronise(event.Server)
}

// judge makes the handshake event of an attempt. What it returns is valid until the next one.
func (x *Exchange) judge(q *request) *event.Handshake {
	q.done = true
	h := &x.maker.attempt
	*h = event.Handshake{Conn: x.carrier.Conn(), Request: q.head, Response: q.answer, Evidence: q.evidence}
	h.Evidence.Doubtful = x.doubtful
	x.carrier.Describe(h)
	facts := handshake.Read(h)
	x.tellUnkept(h.At)
	if q.answer != nil {
		x.tellEndless(event.Client, q.head)
		x.tellEndless(event.Server, q.answer)
	}
	x.maker.Checks.Handshake(facts, x.maker.Policy)
	if facts.Switched() && facts.WebSocket() && h.Verdict != event.OtherUpgrade {
		x.carrier.Stack().WebSocket = true
	}
	x.maker.Handshake(*h)
	return h
}

// tellEndless names the octets of a head without an end: where the other side went on behind it, they are not only fields.
func (x *Exchange) tellEndless(side event.Side, h *event.Head) {
	if h == nil || h.Cut != event.CutEnd {
		return
	}
	x.maker.Caveat(event.Caveat{Conn: x.carrier.Conn(), At: h.Last, Name: "undecoded", Bytes: event.Some(h.Length),
		Text: fmt.Sprintf("the head of the %s's message has no end: all of the %s's octets from packet %d on were read as its lines", side, side, h.First.Number)})
}

// current reports whether this is the layer that the carrier's octets go to.
func (x *Exchange) current() bool { return x.carrier.Stack().Top == layer.Layer(x) }

// switchProtocol hands over to the layer behind a 101, or to what a CONNECT opened.
func (x *Exchange) switchProtocol() {
	stack, q := x.carrier.Stack(), x.decided
	x.reportRefusal()
	if q.connect && q.attempt == handshake.NoAttempt {
		stack.Top = x.maker.next.Tunnel(q.head.Target, x.carrier)
		x.replay()
		return
	}
	x.attempts++
	h := x.judge(q)
	asked := q.head != nil && q.head.Cut != event.CutGap
	// A server may read a request in another way than we do: what it answers as WebSocket is read as such.
	if h.Verdict == event.OtherUpgrade || asked && q.attempt == handshake.NoAttempt && !handshake.AnswersWebSocket(q.answer) {
		stack.Top = x.maker.next.Opaque(h, x.carrier)
		x.replay()
		return
	}
	stack.Top = x.maker.next.Conversation(h, x.carrier)
	x.replay()
	x.put()
}

// replay gives the layer that took over what is held, and the ends that came.
func (x *Exchange) replay() {
	stack := x.carrier.Stack()
	stack.Replay(&x.held)
	for side, ended := range x.ended {
		if ended {
			stack.Top.End(event.Side(side), x.carrier.Last(), stack.Ended(event.Side(side)).Why)
		}
	}
}

// behindRequest is how many bits of evidence the client's octets right behind an upgrade request need to be taken for
// frames: one of them, up to the end of its segment, since nothing else than frames or a request can stand there.
const behindRequest = 12

// answerUnseen decides what an upgrade led to whose answer was not captured, by what the client sent behind it: frames
// mean that it was accepted, another request that it was not. It reports whether frames took over.
func (x *Exchange) answerUnseen() bool {
	if !x.undecided() || len(x.queue) == 0 || !x.is(responseMaybeLost) && x.carrier.Seen(event.Server) {
		return false
	}
	q := x.newest()
	if q.head == nil || q.done || q.attempt != handshake.WebSocketAttempt {
		return false
	}
	behind := &x.held[event.Client]
	var first [64]byte
	if http1.LooksLikeRequest(behind.Peek(first[:0], len(first))) == http1.Yes {
		x.judge(q)
		x.waiting -= q.memory
		x.queue = x.queue[:len(x.queue)-1]
		x.goOnWithoutAnswer()
		return false
	}
	start := [2]ws.Start{event.Client: ws.Begins(q.head), event.Server: ws.Midstream}
	if behind.Broken() || x.desynchronised[event.Client] {
		start[event.Client] = ws.Midstream
	}
	var segments [2][][]byte
	segments[event.Client] = behind.Segments()
	g := ws.Probe(segments)
	if start[event.Client] == ws.Midstream || g.Client != event.Client || g.Bits < behindRequest {
		segments[event.Server] = x.held[event.Server].Segments()
		if g = ws.Probe(segments); g.Verdict != ws.ProbeYes || g.Client != event.Client {
			return false
		}
	}
	x.judge(q)
	x.queue = nil
	x.carrier.Stack().Top = x.maker.next.Midstream(x.carrier, q.head.Last, start)
	x.replay()
	return true
}

// goOnWithoutAnswer reads the client's next request though the answer to the one before was missed.
func (x *Exchange) goOnWithoutAnswer() {
	x.answered()
	x.responseFound()
	x.parser[event.Client].Resume()
	x.pump()
}
