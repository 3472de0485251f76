// Package ws reads the octets of one direction of a WebSocket connection as a passive observer sees them: frames (RFC
// 6455 §5.2), messages (§5.4), Close bodies (§5.5.1), and messages inflated under permessage-deflate (RFC 7692).
//
// It says what was seen. What is legal is judged elsewhere, from the Odd bits and verdicts reported here.
//
// # Design
//
// A Stream is fed the ordered octets of one direction and calls a Visitor. It never holds a frame: a header is at most
// 14 octets, payload passes through in the pieces it arrived in, and a message is known by what is counted, hashed and
// validated on the way. Payload that nobody asked about is not even unmasked, so a 4 GiB binary frame costs a
// subtraction per segment. The calls do not depend on how the octets were cut into segments, except that payload comes
// in as many pieces as it was captured in, and that segment borders are evidence when a lost header has to be found
// again.
//
// Everything odd about a frame is reported, not only the first fault, and decoding goes on: a broken frame that is
// well framed is followed by sound ones. Two impossible headers in a row are not a broken peer but a lost place in the
// stream; then the direction is reported as lost once and its octets are only counted. Text that speaks another
// protocol (an HTTP answer, a TLS record) where a frame should begin is named at once.
//
// After a gap that swallowed a header the stream is searched for a chain of headers, each of which sits where the one
// before says it must (chain.go counts the evidence in bits). Rejected: waiting for the next segment and trusting that
// a frame begins there. It is right for chat and wrong for every large message, and a wrong start reports a sound peer
// as broken. The same evidence decides whether a connection whose beginning was not captured is WebSocket at all
// (probe.go).
package ws
