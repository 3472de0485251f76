// Package filter compiles capture filters in the syntax of tcpdump (pcap-filter(7)): to programs of the classic
// Berkeley Packet Filter, for the kernel, and to a Matcher, for packets at hand.
//
// # Language
//
// What is understood is the part that most filters are written in:
//
//	[ip|ip6|arp|rarp] [DIR] [host] ADDRESS      IPv4 or IPv6 address
//	[ip|ip6|arp|rarp] [DIR] net NET             10.0.0.0/8, 2001:db8::/32, 10.0.0.0 mask 255.0.0.0, 192.168.1, 10
//	[tcp|udp|sctp] [DIR] port N
//	[tcp|udp|sctp] [DIR] portrange N-M
//	[ip|ip6] proto N                            or \tcp, \udp, \sctp, \icmp
//	ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6
//	vlan [ID]
//	less N, greater N                           octets on the wire, N included
//
// where DIR is src, dst, "src or dst" (which is meant without it) or "src and dst", and one of DIR and host is needed.
// Primitives are joined by and, or, not (&&, ||, !) and parentheses. As in tcpdump, not binds most and the other two
// equally, from left to right; a value without qualifiers takes those of the one before it ("port 80 or 443"); vlan
// shifts all that is written behind it by one tag, even behind or; tcp and port look at the first extension header of
// IPv6 only, and a port is seen in the first fragment of a datagram only; a packet that was cut off before an octet
// that is looked at does not pass, even under not.
//
// All else is refused by an error that names the word. Host and service names are not looked up, so that a filter
// means the same on every machine. Numbers are decimal or begin with 0x; leading zeros are refused, as tools differ
// about them.
//
// # Design
//
// An expression is parsed once, then lowered for a link type to predicates, comparisons of single header fields under
// all, either and negation. Predicates both evaluate themselves and emit instructions; a fuzz target compares the two,
// and the verdicts are compared with those of `tcpdump -ddd`, which is the judge of the meaning. The Matcher
// evaluates, because a BPF machine knows only the captured length, not the one on the wire that less and greater
// compare.
//
// Programs are not optimised beyond constants: the kernel compiles them, and a chain of a dozen comparisons is
// cheap. libpcap's optimiser is the part of it that had the bugs.
package filter
