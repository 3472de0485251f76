package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// pcapOf is a pcap file of Ethernet packets given in hexadecimal.
func pcapOf(packets ...string) []byte {
	file := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	for _, p := range packets {
		b, err := hex.DecodeString(strings.ReplaceAll(p, " ", ""))
		if err != nil {
			panic(err)
		}
		for _, v := range []int{1e9, 0, len(b), len(b)} {
			file = binary.LittleEndian.AppendUint32(file, uint32(v))
		}
		file = append(file, b...)
	}
	return file
}

// A filter that takes nothing says what the packets were and which filter would fit.
func TestFilterThatTakesNothing(t *testing.T) {
	const (
		macs  = "02000000000a 02000000000b "
		tcp   = "9c40 2382 00000001 00000000 5002 ffff 0000 0000"        // 40000 to 9090, SYN
		ip    = "4500 0028 0000 4000 4006 0000 0a000001 0a000002 " + tcp // 10.0.0.1 to 10.0.0.2
		ip6   = "60000000 0014 06 40 fd000000000000000000000000000001 fd000000000000000000000000000002 " + tcp
		outer = "4500 005a 0000 4000 4011 0000 c0000201 c0000202 d431 12b5 0046 0000 08000000 00000100 "
		gre   = "4500 0040 0000 4000 402f 0000 c0000201 c0000202 0000 0800 "
	)
	for _, c := range []struct{ name, filter, packet, want string }{
		{"VLAN", "tcp port 9090", macs + "8100 0005 0800" + ip,
			`the filter "tcp port 9090" takes none of the 2 packets: 2 would pass without the VLAN tag or tunnel around them; try "vlan and (tcp port 9090)", which takes 2`},
		{"VLANs", "host 10.0.0.1", macs + "8100 0005 8100 0006 0800" + ip, `try "vlan and vlan and (host 10.0.0.1)", which takes 2`},
		{"IPv6 in a VLAN", "tcp port 9090", macs + "8100 0005 86dd" + ip6, `try "vlan and (tcp port 9090)", which takes 2`},
		{"VXLAN", "tcp port 9090", macs + "0800" + outer + macs + "0800" + ip, `try "udp port 4789", which takes 2`},
		{"VXLAN in a VLAN", "tcp port 9090", macs + "8100 0005 0800" + outer + macs + "0800" + ip, `try "vlan and udp port 4789", which takes 2`},
		{"GRE", "tcp port 9090", macs + "0800" + gre + ip, `try "proto 47", which takes 2`},
		{"VN-Tag", "tcp port 9090", macs + "8926 80000005 0800" + ip, "2 would pass without the tag or tunnel around them; try without a filter"},
		{"another port", "tcp port 80", macs + "0800" + ip, `takes none of the 2 packets: 2 TCP (2 to or from port 9090)`},
		{"no TCP", "tcp port 80", macs + "0806 0001080006040001 0000000000000000000000000000000000000000", "takes none of the 2 packets: 2 ARP (EtherType 0806)"},
		{"fits", "tcp port 9090", macs + "0800" + ip, ""},
	} {
		var out, errs bytes.Buffer
		status := run([]string{"-f", c.filter, "-"}, stdio{bytes.NewReader(pcapOf(c.packet, c.packet)), &out, &errs})
		if status != exitDone || !strings.Contains(errs.String(), c.want) || c.want == "" && errs.Len() > 0 {
			t.Errorf("%s: status %d, %swant %s", c.name, status, errs.String(), c.want)
		}
	}
}

// From the first packet on that passes there is nothing to say.
func TestFilterThatTakesOne(t *testing.T) {
	const frame = "02000000000a 02000000000b 0800 4500 0028 0000 4000 4006 0000 0a000001 0a000002 9c40 2382 00000001 00000000 5002 ffff 0000 0000"
	var out, errs bytes.Buffer
	run([]string{"-f", "tcp port 9090", "-"}, stdio{bytes.NewReader(pcapOf(strings.Replace(frame, "2382", "2383", 1), frame)), &out, &errs})
	if errs.Len() > 0 {
		t.Errorf("%s", errs.String())
	}
}
