package correlate

import "wshake/analyze/event"

// What parts of an attempt take, octets, about.
const (
	attemptSize = 1 << 10
	findingSize = 700
)

// longestKey is how long a key is at most that is compared with others: a real one has 24 octets (RFC 6455 §4.1).
const longestKey = 256

// weigh counts what an attempt in the ring takes now.
func (c *Correlator) weigh(a *attempt) {
	if !a.remembered {
		return
	}
	size := attemptSize + memoryOf(a.head)
	if h := a.handshake; h != nil {
		size += attemptSize + memoryOf(h.Response) + findingSize*len(h.Findings)
	}
	c.memory += size - a.memory
	a.memory = size
}

// memoryOf is about what a head takes, octets.
func memoryOf(h *event.Head) int {
	if h == nil {
		return 0
	}
	return 320 + 56*len(h.Fields) + int(min(h.Length, 1<<20))
}

// keepToMemory forgets the oldest attempts until the others take no more than they may.
func (c *Correlator) keepToMemory() {
	if c.MaxMemory <= 0 {
		return
	}
	for c.memory > c.MaxMemory && c.oldest != c.newest() {
		if a := c.ring[c.oldest]; a != nil && a.remembered {
			c.forget(a)
			*a = attempt{}
			c.Forgotten++
		}
		c.oldest = (c.oldest + 1) % Remembered
	}
}

// newest is the place of the newest attempt.
func (c *Correlator) newest() int { return (c.next + Remembered - 1) % Remembered }
