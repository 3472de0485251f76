// Package tls reads TLS connections as a passive observer does who was given secrets: it finds the records of TLS 1.2
// (RFC 5246) and TLS 1.3 (RFC 8446), takes their keys from key logs (RFC 9850, package keylog), and hands on what
// authenticates. Without secrets it tells what the hellos say in the clear.
//
// A [Conn] is fed the ordered octets of both sides, and tells a [Plain]. It opens AES-GCM, AES-CCM and
// ChaCha20-Poly1305 in both versions, and AES-CBC with HMAC-SHA1, SHA256 and SHA384 in TLS 1.2, with and without
// encrypt-then-MAC (RFC 7366). It follows renegotiation, resumption, HelloRetryRequest, early data and key updates. It
// does not open older versions, compressed records, nor connections whose ClientHello was sent encrypted (ECH, RFC
// 9849), for their secrets have the name of a random that is not seen. Secrets are looked up by the client random, and
// pre-master secrets (label RSA) by the beginning of what the client sent of them; a session that resumes one of those
// needs a master secret of its own.
//
// # Design
//
// The tag decides. No octet is delivered that did not authenticate, so wherever the state of a side is in doubt the
// next records are tried: under the current keys with the numbers that the missing records allow, and under the keys
// that would come next. That one mechanism finds the place again behind a gap, passes over early data that the server
// rejected (the server does the same), starts with the application data where the log lacks the secrets of the
// handshake, and survives a lost Finished or KeyUpdate. Rejected: to give up a side at its first gap, as endpoints
// must and other observers do; one lost packet would hide all the rest of a long WebSocket. Tries are paid from an
// allowance that grows with the octets seen, so that a peer cannot make us work more than about eight times what it
// sends.
//
// A side is a sequence of epochs (epoch.go), times of the same keys. In TLS 1.2 the next one begins with a
// ChangeCipherSpec, in TLS 1.3 behind certain handshake messages. A side whose next record cannot be read yet waits,
// for the other side's hello, for the server's word on early data or for a secret, and what follows is held, bounded;
// nothing else depends on the order in which a capture shows the two sides. While a side waits for a secret that may
// still come (SecretsLater) the other is held with it, although it might be read: what is told then has the order of
// the capture, as if the secret had been there.
//
// How much application data a lost record carried is known in TLS 1.2 with AEAD only, and only if its header was
// captured. Every other gap is [Unknown]: TLS 1.3 hides types and padding, and a number that may be wrong would be
// taken for a right one.
//
// A master secret that follows from a pre-master secret may depend on all messages of the handshake before (RFC 7627),
// and whether the key log has one may be known later only. So where it may they are kept from the ClientHello on,
// until the server has chosen another key exchange or they are complete (exchange.go).
//
// The suites' parameters are read from their registered names (suite.go), so the registry is the only table. AES-CCM,
// which the standard library lacks, is RFC 3610 over its block cipher (ccm.go).
package tls
