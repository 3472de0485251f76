// Package decode finds the TCP segment in a captured packet: it walks over link headers, tags, tunnels, IP headers and fragments to the
// TCP header, and fills a reassembly.Segment, whose Key names the connection (and its IP protocol).
//
// # Design
//
// Imports run capture ← decode → reassembly: the decoder fills what a Table takes. Segment, Key and At belong to the Table, whose input they
// are, so that whoever takes ordered octets from a Table (the parsers of every protocol above) depends on neither link types nor
// capture files. The other way round, with Key here and the Table importing this package, was rejected for that; a third
// package for three types would have one import more for everybody and say nothing new.
//
// Decode walks from the link-layer header to the TCP header over the packet's own octets: nothing is copied, nothing is
// allocated, and a packet that carries no TCP costs as little as the first header that says so. The walk holds two
// things, the captured octets of the current header's payload and how many more of that payload were on the wire. Every
// length field on the way (802.3, PPPoE, IP, UDP, GTP) narrows both, which is how Ethernet padding and frame check
// sequences stay out of a payload and how a snap length becomes Segment.Cut.
//
// gopacket's layers give the protocol numbers here, and in the tests the packets and the oracle; they do not parse.
// Layer by layer:
//
//   - Ethernet, VLAN, IPv4, UDP: sound, but each is five lines, and an error of theirs does not tell a header that is
//     wrong from one that was not captured. IPv4 also takes a total length of 0 modulo 65536.
//   - TCP: refuses a segment for a malformed option, which receivers ignore (a way to hide from us), and costs the
//     most, for options that nobody reads here.
//   - IPv6: appends Ethernet padding to the payload behind extension headers, refuses length 0 without a jumbo option,
//     fragments and segment routing. Its fragments are not joined, and those of IPv4 are joined without the protocol in
//     the key.
//   - PPP, PPPoE, MPLS, GRE, ERSPAN, Geneve, GTP-U, SLL, RadioTap: panic on hostile octets. Geneve and GTP-U, reused, keep
//     the options of every packet before. 802.11 strips a frame check sequence that need not be there.
//   - SLL2, Cisco HDLC, PPP in HDLC, PKTAP, NFLOG, TPIDs 9100 and 9200, ERSPAN III, VXLAN-GPE, Ethernet over MPLS:
//     missing.
package decode
