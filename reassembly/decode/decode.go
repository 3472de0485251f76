package decode

import (
	"fmt"
	"slices"
	"time"

	"wshake/capture"
	"wshake/reassembly"
)

// Outcome says what Decode made of a packet.
type Outcome uint8

const (
	// TCP: the packet carries a TCP segment (or completes one carried in fragments), and the Segment is filled.
	TCP Outcome = iota
	// NotTCP: the packet carries something else, or what it carries is encrypted.
	NotTCP
	// FragmentHeld: the packet is an IP fragment whose datagram is not complete yet, or a copy of such a fragment.
	FragmentHeld
	// FragmentDropped: the packet is an IP fragment of a datagram that was given up.
	FragmentDropped
	// Truncated: the snap length cut the packet inside a header, or cut an IP fragment.
	Truncated
	// Malformed: a header contradicts itself or does not fit into what contains it.
	Malformed
	// BadChecksum: the IPv4 header or the TCP segment was damaged (Config.CheckChecksums).
	BadChecksum
	// TooDeep: more than MaxLayers headers were nested.
	TooDeep
	// UnknownLink: the packet's link type is not known.
	UnknownLink
	// UDP: the packet carries a datagram of QUIC, and the Segment is filled.
	UDP

	// Outcomes is the number of outcomes.
	Outcomes = iota
)

var outcomeNames = [Outcomes]string{
	"tcp", "not tcp", "fragment held", "fragment dropped", "truncated", "malformed", "bad checksum", "too deep",
	"unknown link", "udp",
}

func (o Outcome) String() string {
	if o < Outcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// MaxLayers is how many Ethernet, LLC, PPP, MPLS and IP headers may be nested in a packet. VLAN tags, label stacks
// and IPv6 extension headers do not count.
const MaxLayers = 12

// Config holds what can be chosen of a Decoder. Its zero value is ready to use.
type Config struct {
	// FragmentBytes bounds the memory of IP fragments that wait for the rest of their datagram; 0 means 16 MiB.
	FragmentBytes int
	// FragmentDatagrams bounds the number of datagrams that wait; 0 means 4096.
	FragmentDatagrams int
	// FragmentAge is how long, in capture time, a datagram waits for its last fragment; 0 means 60 s (RFC 8200 §4.5).
	FragmentAge time.Duration
	// CheckChecksums refuses packets with a wrong IPv4 header or TCP checksum. Packets captured on their sender often
	// have such checksums, because the network card was to fill them in.
	CheckChecksums bool
}

// Tally counts packets (or datagrams) of one kind.
type Tally struct {
	Count uint64
	First reassembly.At    // the first of them, if Count is not 0
	Link  capture.LinkType // of First
}

// Counts is what a Decoder has seen.
type Counts struct {
	// Packets counts every packet by its outcome.
	Packets [Outcomes]Tally
	// Cut counts the packets that the snap length cut, whatever their outcome.
	Cut Cut
	// Relabelled lists the wrong link types that were seen, in the order of their first packets.
	Relabelled []Relabelled
	// The others count fragmented datagrams; First is the packet with the datagram's first captured fragment.

	// Overlapping: fragments claimed the same octets with different content, or (IPv6) at all, or disagreed on the end.
	Overlapping Tally
	// Expired: not all fragments arrived within Config.FragmentAge.
	Expired Tally
	// Evicted: dropped because a limit on fragments was reached.
	Evicted Tally
	// Waiting is the number of datagrams incomplete at this moment.
	Waiting int
}

// Decoder finds the TCP segments in packets. It is used from one goroutine.
type Decoder struct {
	fragments fragments
	services  services
	counts    Counts
	unread    unread
	checksums bool
	exports   map[reassembly.Key][2]uint32 // where the streams of exported data are: see exportedData

	packet  *capture.Packet
	segment *reassembly.Segment
	walk
	aggregate aggregate
	// guessed says that something in the packet was found by its shape: a cut packet may look like something else.
	guessed bool
	// earlier counts the packets that brought the other fragments of the datagram that the packet completes.
	earlier Unread
}

// walk is where the decoder stands in the current packet. A copy of it is the way back from an attempt that failed.
type walk struct {
	// cut counts the octets that were on the wire behind the current payload but not captured.
	cut uint32
	// limited says that a length field was applied.
	limited bool
	// hasIP says that an IP header was decoded.
	hasIP  bool
	layers int
	// src and dst are the addresses of the innermost IP header so far, tunnel is Key.Tunnel.
	src, dst [16]byte
	tunnel   uint64
	// found is what the packet carries, if no TCP.
	found Protocol
}

// NewDecoder returns a Decoder that has seen nothing.
func NewDecoder(cfg Config) *Decoder {
	d := &Decoder{checksums: cfg.CheckChecksums}
	d.fragments.init(cfg, &d.counts, &d.unread)
	d.unread.init()
	return d
}

// Counts tells what the packets decoded so far were.
func (d *Decoder) Counts() Counts {
	c := d.counts
	c.Relabelled = slices.Clone(c.Relabelled)
	c.Waiting = d.fragments.waiting()
	return c
}

// Decode looks for the TCP segment in p. If there is one it fills s and returns TCP; if there is a datagram of QUIC it
// fills s and returns UDP; otherwise s is not touched.
//
// s.Payload is part of p.Data, except when p completes a fragmented datagram: then it is an allocation of its own.
// Either way its capacity ends with it. s.At.Acked is -1.
//
// A packet may carry more than one segment: see Next.
func (d *Decoder) Decode(p *capture.Packet, s *reassembly.Segment) Outcome {
	d.packet, d.segment = p, s
	d.cut, d.limited, d.hasIP, d.layers, d.tunnel = 0, false, false, 0, 0
	d.found, d.guessed, d.earlier.Packets = Protocol{}, false, 0
	d.aggregate.rest, d.aggregate.open = nil, false
	if n := uint64(len(p.Data)); uint64(p.Length) > n {
		d.cut = p.Length - uint32(n)
		d.counts.Cut.add(p)
	}
	o := d.link(p.Link, p.Data)
	if o != TCP && o != UDP {
		o = d.withoutTCP(o)
	}
	d.counts.Packets[o].add(p)
	return o
}

// withoutTCP takes note of what the packet is instead of TCP, unless another link type than the declared one
// explains it.
func (d *Decoder) withoutTCP(o Outcome) Outcome {
	if !d.hasIP {
		if actual, ok := d.relabel(o); ok {
			return actual
		}
	}
	d.unread.count(d, o)
	return o
}

// other is the outcome for a packet that carries the given protocol instead of TCP.
func (d *Decoder) other(r Registry, number uint32) Outcome {
	d.found = Protocol{Registry: r, Number: number}
	return NotTCP
}

func (t *Tally) add(p *capture.Packet) {
	if t.Count == 0 {
		t.First, t.Link = atOf(p), p.Link
	}
	t.Count++
}

// deeper counts a nested header and says whether it is one too many.
func (d *Decoder) deeper() bool {
	d.layers++
	return d.layers > MaxLayers
}

// wire is the number of octets that b had before the snap length.
func (d *Decoder) wire(b []byte) uint64 { return uint64(len(b)) + uint64(d.cut) }

// short is the outcome for b holding less than a header of n octets: were they on the wire?
func (d *Decoder) short(b []byte, n int) Outcome {
	if d.wire(b) >= uint64(n) {
		return Truncated
	}
	return Malformed
}

// limit applies a length field to b: n octets from its beginning belong to the packet, what follows is padding or a
// trailer. If n is more than was captured, the rest counts as cut. The outermost length field is believed over the
// length that the capture gives for the packet (files are cut by tools that forget to keep it), an inner one is not
// believed over an outer one.
func (d *Decoder) limit(b []byte, n uint32) []byte {
	if d.limited && uint64(n) > d.wire(b) {
		return b
	}
	d.limited = true
	if have := uint64(len(b)); uint64(n) > have {
		d.cut = n - uint32(have)
		return b
	}
	d.cut = 0
	return b[:n:n]
}
