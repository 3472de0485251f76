package ws

// signature is how the octets of another protocol begin.
type signature struct {
	prefix string
	what   string
}

// signatures are long enough not to be met by chance where a frame header is odd already.
var signatures = []signature{
	{"HTTP/1.", "HTTP response"},
	{"HTTP/2", "HTTP response"},
	{"GET /", "HTTP request"},
	{"GET http", "HTTP request"},
	{"POST /", "HTTP request"},
	{"PUT /", "HTTP request"},
	{"HEAD /", "HTTP request"},
	{"PATCH /", "HTTP request"},
	{"DELETE /", "HTTP request"},
	{"OPTIONS ", "HTTP request"},
	{"CONNECT ", "HTTP request"},
	{"PRI * HTTP/2", "HTTP/2 preface"},
	{"0\r\n\r\n", "end of a chunked HTTP body"},
	{"\x16\x03\x00", "TLS record"},
	{"\x16\x03\x01", "TLS record"},
	{"\x16\x03\x03", "TLS record"},
	{"\x15\x03\x01", "TLS record"},
	{"\x15\x03\x03", "TLS record"},
	{"\x17\x03\x03", "TLS record"},
	{"SSH-2.0-", "SSH banner"},
	{"SSH-1.", "SSH banner"},
	{"RFB 00", "RFB (VNC) banner"},
	{"<html", "HTML text"},
	{"<HTML", "HTML text"},
	{"<!doctype", "HTML text"},
	{"<!DOCTYPE", "HTML text"},
	{"<?xml", "XML text"},
	{"{\"", "JSON text"},
	{"{}", "JSON text"},
	{"{\n", "JSON text"},
	{"{\r\n", "JSON text"},
	{"{ ", "JSON text"},
	{"[{", "JSON text"},
	{"[\"", "JSON text"},
	{"[]", "JSON text"},
}

// signaturesBy lists them by their first octet.
var signaturesBy = func() (by [256][]*signature) {
	for i := range signatures {
		first := signatures[i].prefix[0]
		by[first] = append(by[first], &signatures[i])
	}
	return by
}()

// match is what a beginning says.
type match uint8

const (
	matchNone match = iota
	matchPart       // more octets may make a signature of it
	matchFull
)

// chunk is what the size line of a chunk is a signature of (RFC 9112 §7.1).
const chunk = "chunk of an HTTP body"

// recogniseChunk looks for the size line of a chunk: hexadecimal digits, not 0 first, and CRLF. Its first octet has
// RSV2 set and FIN clear, as small digits and letters have.
func recogniseChunk(b []byte) (match, signature) {
	const digits = 8 // more make no size that anybody sends
	if c := b[0]; !(c >= '1' && c <= '9' || c >= 'a' && c <= 'f') {
		return matchNone, signature{}
	}
	n := 0
	for n < len(b) && n < digits && (b[n] >= '0' && b[n] <= '9' || b[n] >= 'a' && b[n] <= 'f') {
		n++
	}
	switch rest := b[n:]; {
	case len(rest) == 0, len(rest) == 1 && rest[0] == '\r':
		return matchPart, signature{}
	case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
		return matchFull, signature{prefix: string(b[:n+2]), what: chunk}
	}
	return matchNone, signature{}
}

// recognise compares b with the signatures. Which one matches does not depend on how much follows it, so that it does
// not matter how the octets arrive.
func recognise(b []byte) (match, signature) {
	if len(b) == 0 {
		return matchPart, signature{}
	}
	part, sig := recogniseChunk(b)
	if part == matchFull {
		return part, sig
	}
	for _, sig := range signaturesBy[b[0]] {
		n := min(len(b), len(sig.prefix))
		if string(b[:n]) != sig.prefix[:n] {
			continue
		}
		if n == len(sig.prefix) {
			return matchFull, *sig
		}
		part = matchPart
	}
	return part, signature{}
}

// WhatIsThis names the protocol that begins with prefix, where that is certain after a few octets: "HTTP response",
// "HTTP request", "chunk of an HTTP body", "TLS record", "SSH banner", "JSON text" and the like; else "". All of
// them are impossible as the first frame of an endpoint (a clear FIN bit with RSV bits or a reserved opcode).
func WhatIsThis(prefix []byte) string {
	_, sig := recognise(prefix)
	return sig.what
}

// doubt looks whether the header written in octets is the beginning of another protocol. If it may be one, or is, the
// header has been dealt with.
func (s *Stream) doubt(octets []byte) bool {
	found, sig := recognise(octets)
	switch found {
	case matchNone:
		return false
	case matchFull:
		s.abandon(Loss{Kind: LossForeign, Bytes: uint64(len(sig.prefix)), At: s.frame.Last, What: sig.what})
		s.skip(uint64(len(octets) - len(sig.prefix)))
		return true
	}
	s.headSize = uint8(copy(s.head[:], octets))
	s.held = held{}
	s.phase = inDoubt
	return true
}

// takeDoubt takes the one octet that comes next behind a doubtful header.
func (s *Stream) takeDoubt(at *At, p []byte) int {
	s.held.add(at, p[:1])
	beginning := append(s.head[:s.headSize:s.headSize], s.held.octets...)
	switch found, sig := recognise(beginning); found {
	case matchNone:
		s.trust()
	case matchFull:
		s.headSize = 0
		s.abandon(Loss{Kind: LossForeign, Bytes: uint64(len(beginning)), At: *at, What: sig.what})
	}
	return 1
}

// trust reads a doubtful header as a header after all, and then what was held behind it.
func (s *Stream) trust() {
	behind := s.held
	n := s.headSize
	s.headSize, s.held = 0, held{}
	s.phase, s.cleared = inHeader, true
	s.begin(s.head[:n])
	s.replay(behind, 0)
}
