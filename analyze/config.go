package analyze

import (
	"time"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// Config says how to analyse. Its zero value analyses with the defaults and wants nothing.
type Config struct {
	Reassembly reassembly.Config // limits of the whole run, over all partitions
	Decoder    decode.Config     // of packets
	Workers    int               // goroutines that analyse; 0 means one per processor
	Want       event.Kinds
	Checks     *check.Set    // nil means all
	Policy     *check.Policy // nil means none
	// Payload is how many octets of each frame or message go into its event.
	Payload int
	// Digest asks for the SHA-256 of messages.
	Digest bool
	// MaxMessage is how many decoded octets of a message are looked at for its digest and payload; the rest is counted and
	// checked. 0 means 16 MiB.
	MaxMessage uint64
	// MaxHead is the largest message head that is kept, octets. 0 means 64 KiB.
	MaxHead int
	// MaxHeld bounds, per direction, the octets that wait for the other direction to decide what they are. 0 means 64 KiB.
	MaxHeld int
	// MaxWindows bounds the memory of all permessage-deflate windows, octets. 0 means 64 MiB. An inflater that loses its
	// window goes on as behind a gap.
	MaxWindows int
	// Keys holds the secrets of TLS connections, nil where there are none.
	Keys *keylog.Log
	// Secrets is called before each batch of packets is analysed and after the last one. If secrets have come since its last call, it
	// returns a function that puts them into Keys, which is called once all packets before them have been analysed.
	Secrets func() (learn func())
	// Await is how long, in capture time, TLS connections wait for secrets that are not in Keys yet; 0 means not at all.
	Await time.Duration
	// MaxAwaiting bounds what is held of connections that wait for secrets, octets; those that wait longest are given up first. 0
	// means 64 MiB.
	MaxAwaiting int
	// Live says that packets come as they are captured: the clock goes on when none come.
	Live bool
	// Dropped counts what a live source lost so far, nil where nothing is captured live. It is called from the goroutine that delivers events.
	Dropped func() event.Dropped
	// Settled is called after the events of a batch of packets were delivered, from the goroutine that delivers them.
	Settled func()
	// Over is called by each goroutine that Run starts when it ends, also where a panic ends it, and with it the process: the last moment
	// to put a terminal in order.
	Over func()
	// DecodeAs reads what goes to these servers as frames, where it is not HTTP.
	DecodeAs []Forced
}

// perConnection is what a WebSocket connection takes at most while nothing of it waits, octets: its place in the table,
// its two streams, its session.
const perConnection = 6 << 10

// FitMemory sets the limits so that a run keeps to about n octets, of which the garbage collector needs half.
func (c *Config) FitMemory(n uint64) {
	live := int(n / 2)
	c.MaxWindows = live / 8
	c.Reassembly.MaxBuffered = live / 4
	c.Reassembly.MaxHistory = live / 8
	c.Reassembly.MaxConnections = live / 2 / perConnection
	c.MaxAwaiting = live / 16
	c.Decoder.FragmentBytes = min(16<<20, live/16)
}

func (c *Config) defaults() {
	if c.MaxMessage == 0 {
		c.MaxMessage = 16 << 20
	}
	if c.MaxHead == 0 {
		c.MaxHead = 64 << 10
	}
	if c.MaxHeld == 0 {
		c.MaxHeld = 64 << 10
	}
	if c.MaxWindows == 0 {
		c.MaxWindows = deflate.DefaultPoolLimit
	}
	if c.MaxAwaiting == 0 {
		c.MaxAwaiting = 64 << 20
	}
	if c.Checks == nil {
		c.Checks, _ = check.NewSet(nil, nil) // the whole catalogue has no unknown word
	}
	if c.Policy == nil {
		c.Policy = new(check.Policy)
	}
	if c.Over == nil {
		c.Over = func() {}
	}
}
