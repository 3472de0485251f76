package reassembly

import "time"

// Config bounds a Table. The zero value stands for the defaults; Share divides it among partitions.
type Config struct {
	// MaxConnections is how many connections are remembered at once, open or not; 0 means 1,048,576. Each takes
	// about 200 octets, and about 450 more from its first payload octet to its end, MaxHistory not counted.
	MaxConnections int
	// MaxEnded is how many of them may be over: each is remembered for four minutes, so that late and repeated
	// packets do not open it again, or until so many others have ended. 0 means 16,384.
	MaxEnded int
	// MaxBuffered bounds the memory of segments that wait for earlier ones, over all connections, in octets; 0
	// means 128 MiB. A queued segment counts for at least 2 KiB, the page gopacket takes for it.
	MaxBuffered int
	// MaxBufferedConn is the same for one direction of one connection; 0 means 4 MiB.
	MaxBufferedConn int
	// HistoryBytes is how many octets of each direction are kept after delivery, to compare retransmissions with;
	// rounded up to a power of two. 0 means 4 KiB.
	HistoryBytes int
	// KeptHistoryBytes is the same for a connection that Keep or KeepLast was called for, as long as that takes less than
	// a quarter of MaxHistory in all; 0 means 16 KiB.
	KeptHistoryBytes int
	// MaxHistory bounds that memory over all connections; 0 means 64 MiB. Directions that come too late are not
	// compared.
	MaxHistory int
	// Budget bounds what the Table and its Sinks take together; nil means that nothing does. It is not divided by Share.
	Budget *Budget
	// GapTimeout is how long, in capture time, a missing octet is waited for once something behind it was
	// captured; 0 means 2 s. It is also how long the first octets of a connection without a SYN are held, should
	// the SYN or earlier octets still come.
	GapTimeout time.Duration
	// AckTimeout is the same once the receiver has acknowledged the missing octets, so that they will not be sent
	// again and only a capture that reorders packets can still bring them; 0 means 200 ms.
	AckTimeout time.Duration
	// LossTimeout is the same once the receiver has said that it misses them, or some of them, too: those will be
	// sent again. 0 means 1 minute, which a retransmission may take (RFC 6298 §2.5).
	LossTimeout time.Duration
	// IdleTimeout is after how long without packets a connection that carried payload is dropped; 0 means 1 hour.
	// Like the next ones it is kept to about a second, and long ones to a 64th of it or to 16 seconds, whichever
	// is less.
	IdleTimeout time.Duration
	// KeptTimeout is the same for a connection that Keep or KeepLast was called for; 0 means 24 hours.
	KeptTimeout time.Duration
	// EmbryonicTimeout is the same before the first payload octet; 0 means 5 minutes.
	EmbryonicTimeout time.Duration
}

// lingerTime is how long an ended connection is remembered at most: TIME-WAIT lasts for twice the maximum segment
// lifetime (RFC 9293 §3.4.2).
const lingerTime = 4 * time.Minute

// Share is one of n equal parts of c, with the defaults filled in: what one of n partitions gets. Times and
// limits of one connection are not divided.
func (c Config) Share(n int) Config {
	part := func(limit, otherwise int) int {
		if limit <= 0 {
			limit = otherwise
		}
		return (limit + n - 1) / n
	}
	c = c.defaults()
	c.MaxConnections = part(c.MaxConnections, 0)
	c.MaxEnded = part(c.MaxEnded, 0)
	c.MaxBuffered = part(c.MaxBuffered, 0)
	c.MaxHistory = part(c.MaxHistory, 0)
	return c
}

// SetIdleTimeout makes d the time after which any silent connection is dropped. Before the first payload octet the
// default of EmbryonicTimeout is used if that is less.
func (c *Config) SetIdleTimeout(d time.Duration) {
	c.IdleTimeout, c.KeptTimeout = d, d
	c.EmbryonicTimeout = min(d, Config{}.defaults().EmbryonicTimeout)
}

func (c Config) defaults() Config {
	fill(&c.MaxConnections, 1<<20)
	fill(&c.MaxEnded, 1<<14)
	fill(&c.MaxBuffered, 128<<20)
	fill(&c.MaxBufferedConn, 4<<20)
	fill(&c.HistoryBytes, 4<<10)
	fill(&c.KeptHistoryBytes, max(16<<10, c.HistoryBytes))
	fill(&c.MaxHistory, 64<<20)
	if c.Budget == nil {
		c.Budget = NewBudget(0)
	}
	fill(&c.GapTimeout, 2*time.Second)
	fill(&c.AckTimeout, 200*time.Millisecond)
	fill(&c.LossTimeout, time.Minute)
	fill(&c.IdleTimeout, time.Hour)
	fill(&c.KeptTimeout, 24*time.Hour)
	fill(&c.EmbryonicTimeout, 5*time.Minute)
	return c
}

func fill[T int | time.Duration](limit *T, otherwise T) {
	if *limit <= 0 {
		*limit = otherwise
	}
}
