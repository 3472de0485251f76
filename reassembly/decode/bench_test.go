package decode

import (
	"testing"
	"wshake/reassembly"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

func BenchmarkDecode(b *testing.B) {
	const macs = "02000000000a 02000000000b"
	for _, bench := range []struct {
		name string
		data []byte
	}{
		{"ethernet ipv4", ether(opener, "0800", segmentIn(4, opener))},
		{"vlan ipv4", ether(opener, "8100 0001 0800", segmentIn(4, opener))},
		{"ethernet ipv6", ether(opener, "86dd", segmentIn(6, opener))},
		{"vxlan", ether(opener, "0800", udpTo(opener, 4789, x("08000000 00000100 "+macs+" 0800"), segmentIn(4, opener)))},
		{"udp", ether(opener, "0800", udpTo(opener, 53, make([]byte, 60)))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d, p := NewDecoder(Config{}), packet(linkEthernet, bench.data)
			var s reassembly.Segment
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
	data := ether(opener, "0800", segmentIn(4, opener))
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
