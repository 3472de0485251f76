// Package http2 reads both directions of a connection of HTTP/2 (RFC 9113) as a passive observer sees them: header
// blocks with their fields, and of the streams that the reader's user asks for, the octets, the end and the stalls of
// flow control. That is what WebSocket over HTTP/2 needs (RFC 8441). It says what was seen; what an extended CONNECT
// means is judged elsewhere.
//
// # Design
//
// A Reader is fed the octets of both directions and calls a Handler. The directions are read apart, frame by frame,
// except for three things: an answer that was captured before its request waits for it, since captures do not keep the
// order between directions; settings of one side bound the other; and WINDOW_UPDATE of one side opens the windows of
// the other. Everything that grows with what is sent has a limit.
//
// Ordinary requests must cost nothing but their header blocks, which have to be decoded since later ones refer to
// them. So a stream that the handler does not follow is not remembered at all: whether a block is a request, an answer
// or trailers is told by its pseudo-fields. A frame of DATA that nobody wants costs its nine octets and allocates
// nothing.
//
// What a gap costs is exact. Inside DATA it is a gap of that stream. Inside a header block the block is lost, and of
// later blocks what refers to it: package hpack says how much that is. If it swallowed a frame header, frames are
// searched: a chain of headers each of which stands where the one before says, with so much evidence that chance does
// not make it (search.go). Until then nothing is said. The account of the windows is given up then, for it would be a
// guess.
//
// golang.org/x/net/http2 was not used: its Framer is an endpoint's, which reads from an io.Reader, holds each frame as
// a whole, stops at the first error, and cannot start behind a gap. Its hpack package: see analyze/http2/hpack.
package http2
