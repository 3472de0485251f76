// Package live captures packets from network interfaces as they pass.
//
// # Backends
//
// On Linux packets come from packet sockets with a ring of TPACKET_V3 (packet(7)), without cgo and without libpcap.
// With the build tag libpcap they come from libpcap, on every system that has it; filters then have its full language.
// A build for another system without that tag has no live capture, and Open says so.
//
// What follows is said of Linux. With libpcap packets are copied, those of several interfaces are put in order only
// where they were read together, and any has the link type LINKTYPE_LINUX_SLL and is not told apart into interfaces,
// as gopacket cannot ask for another.
//
// # What a packet is
//
// On an Ethernet or loopback interface, its frame: LINKTYPE_ETHERNET. On any other, and on the pseudo-interface any,
// its network layer behind a header of LINKTYPE_LINUX_SLL2, which names the interface; Packet.File tells the
// interfaces apart in each case. Tags of IEEE 802.1Q that the kernel took off are put back. Segments that the kernel
// or the network card joined (GRO) or has not yet cut (TSO) are whole, up to 64 KiB and beyond. The loopback interface
// shows each packet once. Times are the kernel's, in nanoseconds.
//
// # Order
//
// Packets of one interface come in the order of the kernel. Those of several are merged by time; as each ring is
// handed over every few milliseconds, packets wait until no other ring can have older ones, 25 milliseconds at most. A
// packet is seen within 50 milliseconds.
//
// # Design
//
// Packets are not copied: they point into the ring, and a block of the ring goes back to the kernel when the last
// batch that borrowed from it is released. That is safe because the kernel does not write to a block that was not
// given back, and because the mapping stays until the last batch is released, even after Close. The price is that who
// keeps batches for long keeps the kernel from its ring; it then drops packets and counts them, as it would if Read
// were not called. In BenchmarkRing copying packets of 500 octets takes 295 nanoseconds of processor time each,
// borrowing 230, most of it waiting for memory.
//
// The ring has many small blocks rather than few large ones: each time-out closes a block however little is in it, so
// that their number is how many time-outs a stalled reader may last at low rates.
//
// What an interface does, going down or away, changing its name, is learnt from rtnetlink(7) and not from /sys, which
// in a network namespace may still show another one; a packet socket itself only says that something is down.
//
// On the loopback interface every packet is seen as it leaves and as it comes in. The filter of the socket drops the
// former, which works on any as well; PACKET_IGNORE_OUTGOING would take the outgoing packets of all interfaces.
//
// Rejected: fan-out over several sockets. The order of packets, on which all reports rest, would have to be restored.
package live
