// Package reassembly turns TCP segments into the ordered bytes of TCP connections.
//
// A Table takes the segments of one partition of the connections, in the order of capture, and calls a Sink for each connection that
// carries payload: Data and Gap in stream order for each Dir, then one End. Package decode makes Segments of packets.
//
// # Design
//
// Connections are ours, disorder is gopacket's. A Table knows its connections by Key (one look-up for both directions), and for
// each direction the sequence number it expects next. A segment that begins there goes up at once, uncopied, with its own packet
// number; that path allocates nothing. What does not fit is judged here: retransmissions, probes, SYN, FIN, RST, port reuse, mid-stream
// starts. Only octets that are ahead of their turn go to github.com/google/gopacket/reassembly, in a stream that lives as long as
// the disorder (an episode). gopacket keeps them in its pages, sorted, and gives them back joined; we keep the list of which packet carried
// which octets. Its faults (each has a test) cannot show, because an episode
//
//   - counts from its own beginning, so that the wrap at 2^32, where gopacket is off by one, does not come up;
//   - is fed octets only, without SYN, FIN or RST, on which gopacket's notion of a connection depends;
//   - is fed no octet twice: gopacket takes the last copy of queued octets, we take the first, and report where they differ;
//   - is fed pieces of at most one page, so that every page has one origin;
//   - is emptied before it is closed, because gopacket returns only the first page of a stream to its pool;
//   - lets go of octets when told to, by the page limit, instead of by FlushWithOptions, which walks all streams in the order of a map.
//
// Rejected: gopacket for everything (a look-up of 112-octet keys, about 1 kB for an idle connection, scans for expiry, and 12 faults to work around in the open);
// a list of intervals of our own instead of gopacket (nothing in the tests is wrong with the episodes; the price is a page of 2 KiB for each queued
// segment, which is accounted for).
//
// What a direction waits for. A hole is waited for until it is filled, or for Config.GapTimeout after the last progress, and then named as a Gap. What the
// receiver says comes first: once it has acknowledged the missing octets they will not be sent again, and only a capture that
// reorders can still bring them (AckTimeout); while it says that it misses them too, the network lost them, and they will be sent
// again (LossTimeout). One that is waited for too long is better than one invented, since the parser above loses more by a Gap than by a delay. Octets that
// were on the wire but not in the file (Segment.Cut) are a Gap at once, in their turn.
//
// Beginnings. Without its SYN a direction has no beginning, so its first octets are held, up to 16 KiB or GapTimeout, for a SYN that was captured late; then it begins
// with the lowest octet held. Where the other direction's SYN was captured its acknowledgements say where this one begins, but only
// the lowest of them, and only after the wait: a later one may have been captured first.
//
// Ends. A FIN counts when the stream gets there. A RST counts if its receiver would take it (RFC 5961 §3.2), and waits as a FIN does if octets before
// it are missing. Either is dismissed if its sender goes on behind it. An ended connection is remembered for a minute, so
// that what is repeated does not open it again.
//
// Memory. A Conn is three lines of cache and lies in a slab; what ordering needs is made at the first payload octet, and of that octets in order take one line
// more. An Ahead reads such lines for many segments at once where a Table has more connections than fit the caches. Expiry and eviction go through lists linked through
// the slab in the order of last packets, never through the index, so that its random seed shows nowhere. MaxBuffered counts pages, not octets, because
// that is what an attacker with one-octet segments would grow.
//
// Time is capture time and never goes back. Small steps back are ignored; after a large one the clock goes on from where it was.
package reassembly
