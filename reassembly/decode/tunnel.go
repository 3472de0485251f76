package decode

import "encoding/binary"

// tunnelKind is a way to carry packets between two IP addresses.
type tunnelKind uint8

const (
	tunnelIP tunnelKind = iota + 1
	tunnelMPLS
	tunnelEtherIP
	tunnelGRE
	tunnelNVGRE
	tunnelERSPAN
	tunnelVXLAN
	tunnelGeneve
	tunnelGTP
	tunnelEoIP
	tunnelTZSP
	tunnelCAPWAP
	tunnelL2TP
	tunnelLISP
	tunnelUDP // IP in UDP, nothing between
	tunnelVLAN
	tunnelService // IEEE 802.1ah
)

// enter makes the innermost IP header so far the outside of a tunnel. Key.Tunnel becomes a hash over all tunnels
// entered: their addresses without regard to the order, their kind, and an identifier that both directions share (0
// where the kind has none: a GTP tunnel endpoint or a GRE key belongs to one direction).
func (d *Decoder) enter(kind tunnelKind, id uint32) {
	ends := hashAddress(&d.src) + hashAddress(&d.dst)
	d.tunnel = mix(mix(d.tunnel+ends) ^ uint64(kind)<<32 ^ uint64(id))
	if d.tunnel == 0 {
		d.tunnel = 1 // 0 means no tunnel
	}
}

// tag makes a network's number on the link (a VLAN, a service of IEEE 802.1ah) part of Key.Tunnel: the same
// addresses and ports in two of them are two connections. Number 0 is a priority alone. A network whose directions
// are tagged differently is put together again by the table, as the directions in two tunnels are.
func (d *Decoder) tag(kind tunnelKind, network uint32) {
	if network == 0 {
		return
	}
	d.tunnel = mix(d.tunnel ^ uint64(kind)<<32 ^ uint64(network))
}

func hashAddress(a *[16]byte) uint64 {
	return mix(mix(binary.LittleEndian.Uint64(a[:8])) ^ binary.LittleEndian.Uint64(a[8:]))
}

// etherIP decodes RFC 3378: version 3, then an Ethernet frame.
func (d *Decoder) etherIP(b []byte) Outcome {
	const size, version = 2, 3
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]>>4 != version {
		return Malformed
	}
	d.enter(tunnelEtherIP, 0)
	return d.ethernet(b[size:])
}

// mix is the finalizer of MurmurHash3.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h
}
