package analyze

import (
	"time"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/internal/conn"
	"wshake/analyze/internal/shard"
	"wshake/analyze/search"
	"wshake/analyze/tls/keylog"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// Config says how to analyse. Its zero value analyses with the defaults and wants nothing.
type Config struct {
	Workers int         // goroutines that analyse; 0 means one per processor
	Want    event.Kinds // the events that somebody reads; no others are made
	// Payload is how many octets of each frame or message go into its event.
	Payload int
	// Digest asks for the SHA-256 of messages.
	Digest bool
	// DigestLate leaves it out of messages whose payload is kept whole: event.Message.Digest makes it of those that are
	// looked at.
	DigestLate bool
	// Words asks for what messages say, in words, where their protocol is known.
	Words bool
	// Search is what is searched for in messages, nil for nothing. It is found in event.Message.Matches.
	Search   *search.Pattern
	Checks   *check.Set    // what is judged; nil means all
	Policy   *check.Policy // what the user told of the traffic; nil means nothing
	Keys     Keys          // of TLS connections
	DecodeAs []DecodeAs    // what to read as frames, where it is not HTTP
	Limits   Limits
	Live     Live // for packets that come as they are captured
}

// DecodeAs says that what goes to a server's address is to be read as WebSocket frames, where it is not HTTP.
type DecodeAs = conn.DecodeAs

// Keys are the secrets of TLS connections.
type Keys struct {
	// Log holds them, nil where there are none.
	Log *keylog.Log
	// Poll is called before each batch of packets is analysed and after the last one. If secrets have come since its last
	// call, it returns a function that puts them into Log, which is called once all packets before them have been
	// analysed.
	Poll func() (learn func())
	// Wait is how long, in capture time, TLS connections wait for secrets that are not in Log yet; 0 means not at all.
	Wait time.Duration
}

// Live is for packets that come as they are captured.
type Live struct {
	On bool // the clock goes on when no packets come
	// Dropped counts what the source lost so far, nil where nothing is captured live. It is called from Run's goroutine.
	Dropped func() event.Dropped
	// Counted is what the files that were read count as lost while they were captured; nil where nothing does. It is
	// called once, at the end, from Run's goroutine.
	Counted func() (lost event.Dropped, known bool)
	// Delivered is called after the events of a batch of packets were delivered, from Run's goroutine.
	Delivered func()
}

// Limits bound what a run keeps. Each has a default, which 0 stands for; reaching one is a caveat.
type Limits struct {
	// Memory is what a run keeps of connections, octets: what waits for other octets, layers with what they hold, requests
	// that wait for their answers, streams of HTTP/2, connections of QUIC, which take half of it at most. Where there is
	// more, the connections that were silent for longest are dropped. 0 means 1 GiB.
	Memory     int
	Reassembly reassembly.Config // of the TCP connections of the whole run
	Decoder    decode.Config     // of packets and their fragments
	// Message is how many decoded octets of a message are looked at for its digest and payload; the rest is counted and
	// checked. 0 means 16 MiB.
	Message uint64
	// Head is the largest message head that is kept, octets. 0 means 64 KiB.
	Head int
	// Held bounds, per side, the octets that wait for the other side to decide what they are. 0 means 64 KiB.
	Held int
	// Windows bounds the memory of all permessage-deflate windows, octets. 0 means 64 MiB. An inflater that loses its
	// window goes on as behind a gap.
	Windows int
	// Searching bounds the memory of searching in messages, octets. 0 means 64 MiB.
	Searching int
	// Secrets bounds what is held of connections that wait for secrets, octets; those that wait longest are given up
	// first. 0 means 64 MiB.
	Secrets int
	// Events bounds the events that are made and not delivered yet, octets, about: fewer packets are under way at a time.
	// 0 means 128 MiB.
	Events int
	// Compared bounds the heads of upgrade attempts that are kept to be compared with those of other connections, octets.
	// 0 means 64 MiB.
	Compared int
	// Findings is how many findings of a connection and a check have events; the rest is counted in one caveat. 0 means
	// 20, less than 0 no limit.
	Findings int
}

// DefaultMemory is what FitMemory is called with by those who ask for nothing else, octets.
const DefaultMemory = 4 << 30

// FitMemory sets the limits so that a run keeps to about n octets, of which the garbage collector needs half. The other
// half is divided: half of it is for connections, the rest for what is not of one connection, or is not held by it.
func (l *Limits) FitMemory(n uint64) {
	live := int(n / 2)
	l.Memory = live / 2
	l.Reassembly.MaxBuffered = live / 4
	l.Reassembly.MaxBufferedConn = min(4<<20, max(live/128, 64<<10))
	l.Reassembly.MaxHistory = min(64<<20, live/8)
	l.Reassembly.MaxConnections = min(1<<20, live/4/leastConnection)
	l.Windows = min(64<<20, live/8)
	l.Secrets = min(64<<20, live/16)
	l.Decoder.FragmentBytes = min(16<<20, live/16)
	l.Events = live / 8
	l.Compared = min(64<<20, live/8)
}

// leastConnection is what the least connection takes, octets: a place in the table.
const leastConnection = 256

// defaults replaces zeros by what they stand for.
func (c *Config) defaults() {
	or(&c.Limits.Memory, 1<<30)
	or(&c.Limits.Events, 128<<20)
	or(&c.Limits.Compared, 64<<20)
	or(&c.Limits.Message, 16<<20)
	or(&c.Limits.Head, 64<<10)
	or(&c.Limits.Held, 64<<10)
	or(&c.Limits.Windows, deflate.DefaultPoolLimit)
	or(&c.Limits.Secrets, 64<<20)
	or(&c.Limits.Searching, 64<<20)
	or(&c.Limits.Findings, defaultFindings)
	if c.Checks == nil {
		c.Checks, _ = check.NewSet(nil, nil) // the whole catalogue has no unknown word
	}
	if c.Policy == nil {
		c.Policy = new(check.Policy)
	}
}

func or[T int | uint64](value *T, otherwise T) {
	if *value == 0 {
		*value = otherwise
	}
}

// shard is the configuration of one shard, with its share of the limits.
func (c *Config) shard() *shard.Config {
	return &shard.Config{Want: c.Want, Checks: c.Checks, Policy: c.Policy, Payload: c.Payload, Digest: c.Digest,
		DigestLate: c.DigestLate, Words: c.Words,
		Search: c.Search, MaxMessage: c.Limits.Message, MaxHead: c.Limits.Head, MaxHeld: c.Limits.Held,
		Keys: c.Keys.Log, SecretsWait: c.Keys.Wait, MaxSecretsWaiting: c.Limits.Secrets / shards}
}
