// Package http3 reads HTTP/3 (RFC 9114) as a passive observer does: from the streams of a connection of QUIC, ordered
// by somebody else, it finds settings, header blocks (RFC 9204, package qpack) and DATA.
//
// # Design
//
// A direction of a stream stands still while its next header block is blocked, or, on the server's side, while the
// client's request was not read: then an answer is told behind what it answers. What comes meanwhile is held, bounded.
//
// QUIC tells how many octets are missing. Inside of DATA a gap is passed over and its size is told. Anywhere else the
// place of the frames behind it is lost: they are taken up again where what one datagram carried is nothing but whole
// frames of DATA, which is how WebSockets are sent. Rejected: to look for frames in the middle of octets, where a 0 in
// a payload looks like DATA.
package http3
