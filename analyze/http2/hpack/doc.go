// Package hpack reads header blocks of HTTP/2 (RFC 7541) as a passive observer sees them: also where blocks before
// them were not captured.
//
// # Design
//
// The decoder of golang.org/x/net/http2/hpack was tried first. It is an endpoint's: an index that its table does not
// have is a connection error, so that nothing can be read behind a gap or in a capture that begins in the middle, and
// it copies each field, so that a block of 64 KiB may make 256 MiB of strings. Taken from it are the Huffman code and
// the static table; its encoder and decoder are the oracles of the tests.
//
// What an index names is counted from the newest entry of the table (§2.3.3). So entries that were added since the
// last lost block are known, however many are older: their position does not depend on what was lost, nor on what was
// evicted, as long as it is certain that they were added. They are not if they are larger than the table (§4.4), whose
// size a lost block may have changed. See table.go.
package hpack
