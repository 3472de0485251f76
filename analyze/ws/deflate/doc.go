// Package deflate inflates the messages of permessage-deflate (RFC 7692) for an observer that stands beside the
// conversation: it sees octets as they come, may have missed what came before, and wants to know not only what a
// message says but whether its sender kept to what was agreed.
//
// # Design
//
// An Inflater is one direction of one connection. Write takes compressed octets split anywhere and hands out what they
// inflate to at once; End closes the message. Any split gives the same octets, facts and errors.
//
// compress/flate could not be the base: its errors are sticky, it stops at a final block, it reads every distance up
// to 32 KiB without telling which it met, and it cannot tell a reference behind the first octet ever sent from one
// into history that was not captured. Those are the questions here, so this is an inflater of its own (RFC 1951).
//
// Symbols are atomic. The longest, a length with its distance, takes 48 bits and the bit buffer holds 56, so a symbol
// that the input cuts in two simply waits in the buffer; there is no state inside a symbol. The fast loop runs where
// neither end of input nor of window is near, and leaves everything unusual (the end of a block, a fault, a reference
// worth reporting) untouched to the careful step, which is the only place that judges.
//
// The window is linear: history, then room for output, and a slide when the room is used up. So output is contiguous
// and is borrowed from the window itself. It keeps 32 KiB whatever was agreed, because a sender who breaks the
// agreement is to be reported and still understood.
//
// What is not needed between two calls is shared: a Pool, one per worker, owns the Huffman tables, and an Inflater
// that finds another's tables there rebuilds its own from the code lengths it kept. Windows start small and grow; when
// the Pool's limit is reached the one unused for longest is taken away, which to its Inflater is history not known,
// the same as after a gap.
//
// History that was not captured is unknown, octet by octet. The block structure does not depend on it, so that
// messages behind a gap inflate to their true length, and only those of their octets are unknown that repeat unknown
// ones. Each octet of the window then has a mark beside it, which references copy with it (pugz and rapidgzip
// decompress the middle of a gzip file so). Marks exist only where the window holds an unknown octet: behind the last
// of them the fast loop runs as ever, and references to what is before it take the careful step. Unknown octets are
// told by their number and never handed out. As known octets fill the window the marks slide out of it, and everything
// is exact again.
//
// Rejected: giving up a message at its first reference into unknown history. One lost packet at the start of a long
// conversation then hid nearly all that followed, although most octets of it are literals or repeat known ones.
//
// Rejected: working out how many octets were lost, so that references to before the loss could be followed. A
// compressor that always takes the longest match, or text that has to be JSON, rules many numbers out, but never
// proves the last one: in a log of equal records a shift by one record fits as well, and an observer must not show
// what was never said.
package deflate
