package reassembly

import (
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

func BenchmarkDecode(b *testing.B) {
	const macs = "02000000000a 02000000000b"
	for _, bench := range []struct {
		name string
		data []byte
	}{
		{"ethernet ipv4", ether(Opener, "0800", segmentIn(4, Opener))},
		{"vlan ipv4", ether(Opener, "8100 0001 0800", segmentIn(4, Opener))},
		{"ethernet ipv6", ether(Opener, "86dd", segmentIn(6, Opener))},
		{"vxlan", ether(Opener, "0800", udpTo(Opener, 4789, x("08000000 00000100 "+macs+" 0800"), segmentIn(4, Opener)))},
		{"udp", ether(Opener, "0800", udpTo(Opener, 53, make([]byte, 60)))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d, p := NewDecoder(DecoderConfig{}), packet(linkEthernet, bench.data)
			var s Segment
			b.SetBytes(int64(len(bench.data)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(p, &s)
			}
		})
	}
}

// BenchmarkGopacketLayers is the alternative: the layers' own decoders, reused, without building a Segment.
func BenchmarkGopacketLayers(b *testing.B) {
	data := ether(Opener, "0800", segmentIn(4, Opener))
	var eth layers.Ethernet
	var ip layers.IPv4
	var tcp layers.TCP
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if eth.DecodeFromBytes(data, gopacket.NilDecodeFeedback) != nil || ip.DecodeFromBytes(eth.Payload, gopacket.NilDecodeFeedback) != nil ||
			tcp.DecodeFromBytes(ip.Payload, gopacket.NilDecodeFeedback) != nil {
			b.Fatal("not decoded")
		}
	}
}
