package decode

import (
	"slices"

	"wshake/reassembly"
)

// Add adds what another Decoder has seen. Ordinals of both must count the same packets.
func (c *Counts) Add(o *Counts) {
	for i := range c.Packets {
		c.Packets[i].Add(o.Packets[i])
	}
	c.Cut.First = first(c.Cut.Packets, c.Cut.First, o.Cut.Packets, o.Cut.First)
	c.Cut.Packets += o.Cut.Packets
	c.Cut.Missing += o.Cut.Missing
	c.Cut.Longest = max(c.Cut.Longest, o.Cut.Longest)
	for _, r := range o.Relabelled {
		c.relabelled(r)
	}
	slices.SortStableFunc(c.Relabelled, func(a, b Relabelled) int { return before(a.First, b.First) })
	c.Overlapping.Add(o.Overlapping)
	c.Expired.Add(o.Expired)
	c.Evicted.Add(o.Evicted)
	c.Waiting += o.Waiting
}

func (c *Counts) relabelled(r Relabelled) {
	for i := range c.Relabelled {
		if mine := &c.Relabelled[i]; mine.Declared == r.Declared && mine.Actual == r.Actual {
			mine.First = first(mine.Packets, mine.First, r.Packets, r.First)
			mine.Packets += r.Packets
			return
		}
	}
	if len(c.Relabelled) < maxRelabelled {
		c.Relabelled = append(c.Relabelled, r)
	}
}

// Add adds another tally of the same kind.
func (t *Tally) Add(o Tally) {
	if t.Count == 0 || o.Count > 0 && o.First.Ordinal < t.First.Ordinal {
		t.First, t.Link = o.First, o.Link
	}
	t.Count += o.Count
}

// SumUnread adds rows of UnreadRows, each kind once, largest first.
func SumUnread(a, b []Unread) []Unread {
	sum := slices.Clone(a)
	for _, row := range b {
		i := slices.IndexFunc(sum, func(u Unread) bool { return u.What == row.What })
		if i < 0 {
			sum = append(sum, row)
			continue
		}
		sum[i].First = first(sum[i].Packets, sum[i].First, row.Packets, row.First)
		sum[i].Packets += row.Packets
		sum[i].Bytes += row.Bytes
	}
	slices.SortFunc(sum, largestFirst)
	return sum
}

// first is the earlier of two packets, each of which counts where there are any.
func first(n uint64, a reassembly.At, m uint64, b reassembly.At) reassembly.At {
	if n == 0 || m > 0 && b.Ordinal < a.Ordinal {
		return b
	}
	return a
}

func before(a, b reassembly.At) int {
	if a.Ordinal < b.Ordinal {
		return -1
	}
	return 1
}
