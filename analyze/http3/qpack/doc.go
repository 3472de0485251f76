// Package qpack reads header blocks of HTTP/3 as a passive observer does (RFC 9204). Where octets of the encoder
// stream were not captured, what refers to the dynamic table is unknown, and is said to be; what is sent as it is stays
// known.
//
// # Design
//
// A block that needs entries which have not come yet is blocked (§2.1.2): who reads waits, and asks again.
//
// Other code: github.com/quic-go/qpack reads blocks without a dynamic table only, and nothing of a block that it cannot
// read whole. Huffman code is read by golang.org/x/net/http2/hpack.
package qpack
