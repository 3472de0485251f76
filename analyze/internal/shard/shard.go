// Package shard is what the layers of one shard of the connections share: what the run asks for, its limits, and the
// way to its events.
//
// A shard is analysed by one goroutine, so nothing here is locked. Limits are per shard: reaching one does not depend
// on the number of workers.
package shard

import (
	"time"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/internal/merge"
	"wshake/analyze/search"
	"wshake/analyze/tls"
	"wshake/analyze/tls/keylog"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// Config is what layers need of the configuration of a run. It does not change while the run lasts. Its limits are
// those of one shard.
type Config struct {
	Want   event.Kinds   // what is made: see analyze.Config.Want
	Checks *check.Set    // what is judged
	Policy *check.Policy // what the user told of the traffic
	// Payload is how many octets of each frame or message go into its event.
	Payload int
	// Digest asks for the SHA-256 of messages, DigestLate only of those that are not kept whole; Words for what
	// messages say in words.
	Digest, DigestLate, Words bool
	// Search is what is searched for in messages, nil for nothing.
	Search *search.Pattern
	// MaxMessage is how many decoded octets of a message are looked at for its digest and payload.
	MaxMessage uint64
	// MaxHead is the largest message head that is kept, octets.
	MaxHead int
	// MaxHeld bounds, per side, the octets that wait for the other side to decide what they are.
	MaxHeld int
	// Keys holds the secrets of TLS connections, nil where there are none.
	Keys *keylog.Log
	// SecretsWait is how long, in capture time, TLS connections wait for secrets; 0 means not at all.
	SecretsWait time.Duration
	// MaxSecretsWaiting bounds what is held of connections that wait for secrets, octets.
	MaxSecretsWaiting int
}

// Shard is the way from the layers of a shard to its events.
type Shard struct {
	*Config
	// Buffer takes the events of the round of packets at hand.
	Buffer *merge.Buffer
	// Order is the ordinal of the packet that is analysed: events are put in order by it.
	Order uint64
	// Budget is the memory that the shard's connections may take.
	Budget *reassembly.Budget
	// Keeping is how many octets more of payload may be kept for events.
	Keeping int
	// Windows holds the inflate windows of all conversations.
	Windows *deflate.Pool
	// Searching bounds the memory of searching, octets.
	Searching search.Budget
	// Scratch is what streams of frames need while they read.
	Scratch ws.Scratch
	// Room is what records of TLS are opened in, which the shards of a worker share; nil for connections of their own.
	Room *tls.Room
	// AltServices are the offers of HTTP/3 that servers made.
	AltServices []AltService
	// TLS counts the TLS connections that are over.
	TLS event.Secured
	// Spoken counts TCP connections without WebSocket by what they speak: see package spoken.
	Spoken map[string]uint64
}

// Speaks counts a TCP connection that carries no WebSocket.
func (s *Shard) Speaks(what string) {
	if s.Spoken == nil {
		s.Spoken = make(map[string]uint64)
	}
	s.Spoken[what]++
}

// Wants reports whether events of a kind are to be made.
func (s *Shard) Wants(kind event.Kinds) bool { return s.Want.Has(kind) }

// Request tells those who compare connections that an upgrade was asked for, before its answer is known.
func (s *Shard) Request(c *event.Conn, q *event.Head) {
	s.Buffer.AddRequest(s.Order, event.Request{Conn: c, Head: q})
}

// Cut and Session tell them what else connections are compared by.
func (s *Shard) Cut(c event.Abrupt)      { s.Buffer.AddCut(s.Order, c) }
func (s *Shard) Session(e event.Session) { s.Buffer.AddSession(s.Order, e) }

// NoConnect tells those who compare connections of one of HTTP/2 or HTTP/3 on which no WebSocket is allowed, or of one
// of TCP that was refused.
func (s *Shard) NoConnect(e event.NoConnect) { s.Buffer.AddNoConnect(s.Order, e) }

// Handshake and its like emit an event.
func (s *Shard) Handshake(h event.Handshake)   { s.Buffer.AddHandshake(s.Order, h) }
func (s *Shard) Frame(f event.Frame)           { s.Buffer.AddFrame(s.Order, f) }
func (s *Shard) Message(m event.Message)       { s.Buffer.AddMessage(s.Order, m) }
func (s *Shard) Connection(c event.Connection) { s.Buffer.AddConnection(s.Order, c) }
func (s *Shard) Caveat(c event.Caveat)         { s.Buffer.AddCaveat(s.Order, c) }

// Findings emits findings that do not belong to a handshake.
func (s *Shard) Findings(found []*event.Finding) {
	for _, f := range found {
		s.Buffer.AddFinding(s.Order, f)
	}
}

// Closed says that no event of a connection comes any more, where no connection event said so.
func (s *Shard) Closed(c *event.Conn) { s.Buffer.AddClosed(s.Order, c) }
