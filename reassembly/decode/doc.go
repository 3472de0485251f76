// Package decode finds the TCP segment in a captured packet. It walks over link headers, tags, tunnels, IP headers and
// fragments to the TCP header and fills a reassembly.Segment, whose Key names the connection and its IP protocol. What
// carries no TCP is counted as what it is (see Decoder.Unread).
//
// # Design
//
// Imports run capture ← decode → reassembly: the decoder fills what a Table takes. Segment, Key and At belong to the
// Table, whose input they are, so that whoever takes ordered octets from a Table (the parsers of every protocol above)
// depends on neither link types nor capture files. The other way round, with Key here and the Table importing this
// package, was rejected for that. A third package for three types would be one more import for everybody.
//
// Decode walks from the link-layer header to the TCP header over the packet's own octets: nothing is copied, nothing
// is allocated. The walk holds two things, the captured octets of the current header's payload and how many more of
// that payload were on the wire. Every length field on the way (802.3, PPPoE, IP, UDP, GTP) narrows both. This keeps
// Ethernet padding and frame check sequences out of a payload, and makes of a snap length Segment.Cut.
//
// What a number does not say. Where an EtherType, an IP protocol or a port names what follows, it is believed, and an
// inside that makes no sense is some other protocol. Where nothing names it (VXLAN on any port, the cookie of L2TPv3,
// a wrong link type) it must prove itself: all lengths fit and the checksum of the IPv4 header, or of the IPv6
// segment, is right. Those checks come last, behind one comparison of the first octets, so that neither TCP without a
// tunnel nor UDP of another kind pays for them. Rejected: trying every tunnel on every port without a proof, which
// finds tunnels in random octets.
//
// Which connections are one. Key.Tunnel is a hash of the outer addresses, without regard to their order, and of the
// identifiers that both directions share (VLAN, VNI, service instance). An identifier that belongs to one direction (a
// GTP tunnel endpoint, a GRE key, an L2TP session) is left out. Directions that were captured in different tunnels, or
// one of them in none, are put together by the Table, by their sequence numbers.
//
// Limits. MaxLayers headers, maxAggregated frames of an aggregate, Config for fragments, maxUnread rows of what was
// not read (what comes then is in one more row), maxRelabelled link types.
//
// # Other code
//
// gopacket's layers give the protocol numbers here, and in the tests the packets and the oracle; they do not parse.
// tshark reads every wrapping of the tests as well. Of gopacket, layer by layer:
//
//   - Ethernet, VLAN, IPv4, UDP: sound, but each is five lines, and an error of theirs does not tell a header that is
//     wrong from one that was not captured. IPv4 also takes a total length of 0 modulo 65536.
//   - TCP: refuses a segment for a malformed option, which receivers ignore (a way to hide from us), and costs the
//     most, for options that nobody reads here.
//   - IPv6: appends Ethernet padding to the payload behind extension headers, refuses length 0 without a jumbo option,
//     fragments and segment routing. Its fragments are not joined, and those of IPv4 are joined without the protocol
//     in the key.
//   - PPP, PPPoE, MPLS, GRE, ERSPAN, Geneve, GTP-U, SLL, RadioTap: panic on hostile octets. Geneve and GTP-U, reused,
//     keep the options of every packet before. 802.11 strips a frame check sequence that need not be there.
//   - SLL2, Cisco HDLC, PPP in HDLC, PKTAP, PPI, ENC, NFLOG, TPIDs 9100 and 9200, Cisco's tags, HSR, MACsec, TRILL, NSH,
//     ERSPAN III, VXLAN-GPE, TZSP, CAPWAP data, L2TP, LISP, EoIP, FOU and GUE, Ethernet over MPLS, aggregated frames
//     of 802.11: missing, or not decoded to the end.
package decode
