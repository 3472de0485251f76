// Package reassembly turns captured TCP segments into the ordered bytes of TCP connections.
//
// A Table takes the segments of one partition of the connections in the order of capture, as package decode finds
// them in packets. It calls a Sink for each connection that carries payload: Data and Gap in stream order for
// each Dir, then one End.
//
// # Design
//
// The connections are ours, only disorder is gopacket's. A Table finds a connection by its Key with one look-up
// for both directions, and knows for each direction the sequence number that comes next. A segment that begins
// there goes up at once, without a copy, with its own packet number. This path allocates nothing.
// Retransmissions, probes, SYN, FIN, RST, port reuse and mid-stream starts are judged here. Only octets ahead of
// a hole go to github.com/google/gopacket/reassembly, in a stream that lives until the hole is closed (the
// reorder queue). gopacket keeps them in its pages, sorted, and returns them joined. We keep the list of which
// packet carried which octets. The faults of gopacket (each has a test) cannot show, because a reorder queue
//
//   - counts from its own beginning, so the wrap at 2^32, where gopacket is off by one, does not occur;
//   - gets octets only, without SYN, FIN or RST, on which gopacket's idea of a connection depends;
//   - gets no octet twice: gopacket uses the last copy of queued octets, we use the first and report differences;
//   - gets pieces of at most one page, so every page comes from one packet;
//   - is emptied before it is closed, because gopacket returns only the first page of a stream to its pool;
//   - releases octets by the page limit instead of FlushWithOptions, which walks all streams in map order.
//
// Rejected: gopacket for everything (look-ups with keys of 112 octets, about 1 kB for an idle connection, scans
// for expiry, and 12 faults to work around); a list of intervals of our own instead of gopacket (no test shows a
// wrong result of the queues; the price is a page of 2 KiB for each queued segment, which is counted in the
// limits).
//
// What a direction waits for. A hole is waited for until it is filled, or for Config.GapTimeout after the last
// progress. Then it is reported as a Gap. The receiver's acknowledgements come first: once it has acknowledged
// the missing octets they will not be sent again, and only a capture that reorders packets can still bring them
// (AckTimeout). While it says that it misses them too, the network lost them and they will be sent again
// (LossTimeout). Waiting too long is better than a Gap that is not real, because a parser loses more by a Gap
// than by a delay. Octets that were on the wire but not in the file (Segment.Cut) are a Gap at once, in their
// turn.
//
// Beginnings. Without its SYN a direction has no known beginning. Its first octets are held, up to 16 KiB or
// GapTimeout, for a SYN that was captured late. Then it begins with the lowest octet held. If the SYN of the
// other direction was captured, its acknowledgements say where this one begins, but only the lowest of them and
// only after the wait, because a later one may have been captured first.
//
// Ends. A FIN counts when the stream reaches it. A RST counts if its receiver would accept it (RFC 5961 §3.2),
// and waits like a FIN if octets before it are missing. Both are dismissed if their sender goes on behind them.
// An ended connection is remembered for a while, so that repeated packets do not open it again.
//
// Memory. A Conn is three cache lines long and lies in a slab. What ordering needs is made at the first payload
// octet, and octets in order need one cache line of it. A Prefetcher reads such lines for many segments at once
// if a Table has more connections than fit the caches. Expiry and eviction use lists linked through the slab in
// the order of the last packets, never the index, so the random seed of the index has no effect on results.
// MaxBuffered counts pages, not octets, because an attacker with segments of one octet would use up pages.
//
// Time is capture time and never goes back. Small steps back are ignored. After a large one the clock goes on
// from where it was.
package reassembly
