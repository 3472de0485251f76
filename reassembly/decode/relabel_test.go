package decode

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/capture"
	"wshake/reassembly"
)

// Files whose link type is wrong.
func TestRelabelled(t *testing.T) {
	v4, v6 := segmentIn(4, opener), segmentIn(6, opener)
	for name, c := range map[string]struct {
		declared, actual capture.LinkType
		data             []byte
	}{
		"raw ip as ethernet":         {linkEthernet, linkRaw, v4},
		"raw ipv6 as ethernet":       {linkEthernet, linkRaw, v6},
		"ethernet as raw ip":         {linkRaw, linkEthernet, ether(opener, "0800", v4)},
		"ethernet as raw ipv4":       {linkIPv4, linkEthernet, ether(opener, "8100 0001 86dd", v6)},
		"ethernet as null":           {linkNull, linkEthernet, ether(opener, "86dd", v6)},
		"ethernet as 802.11":         {link80211, linkEthernet, ether(opener, "0800", v4)},
		"ethernet as user 0":         {147, linkEthernet, ether(opener, "0800", v4)},
		"raw ip as sll":              {linkSLL, linkRaw, v4},
		"raw ip as ppp":              {linkPPP, linkRaw, v4},
		"sll as ethernet":            {linkEthernet, linkSLL, join(x("0000 0001 0006 02000000000a0000 0800"), v4)},
		"sll2 as sll":                {linkSLL, linkSLL2, join(x("0800 0000 00000002 0001 00 06 02000000000a0000"), v4)},
		"sll as sll2":                {linkSLL2, linkSLL, join(x("0000 0001 0006 02000000000a0000 86dd"), v6)},
		"null as ethernet":           {linkEthernet, linkNull, join(x("02000000"), v4)},
		"loop as raw ip":             {linkRaw, linkLoop, join(x("0000001e"), v6)},
		"ppp as ethernet":            {linkEthernet, linkPPP, join(x("ff030021"), v4)},
		"raw ip as ethernet, padded": {linkEthernet, linkRaw, join(v4, make([]byte, 10))},
	} {
		d := NewDecoder(Config{})
		p := packet(c.declared, c.data)
		for range 2 {
			var s reassembly.Segment
			if o := d.Decode(p, &s); o != TCP || string(s.Payload) != said[opener] {
				t.Errorf("%s: %v, %+v", name, o, s)
			}
		}
		want := []Relabelled{{c.declared, c.actual, 2, atOf(p)}}
		if diff := cmp.Diff(want, d.Counts().Relabelled); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What proves nothing is left as declared.
func TestNotRelabelled(t *testing.T) {
	v4, v6 := segmentIn(4, opener), segmentIn(6, opener)
	wrong := segmentIn(4, opener)
	wrong[10] ^= 1
	short := segmentIn(4, opener)[:60]
	for name, c := range map[string]struct {
		declared capture.LinkType
		data     []byte
	}{
		"checksum":                 {linkEthernet, wrong},
		"length beyond the packet": {linkEthernet, short},
		"long trailer":             {linkEthernet, join(v4, make([]byte, 200))},
		"ipv6 with wrong checksum": {linkEthernet, altered(v6)},
		"arp":                      {linkEthernet, ether(opener, "0806", make([]byte, 28))},
		"udp is what it is":        {linkEthernet, ether(opener, "0800", udpTo(opener, 53, make([]byte, 30)))},
		"unknown":                  {65000, make([]byte, 100)},
	} {
		d := NewDecoder(Config{})
		var s reassembly.Segment
		if o := d.Decode(packet(c.declared, c.data), &s); o == TCP || d.Counts().Relabelled != nil {
			t.Errorf("%s: %v, %+v", name, o, d.Counts().Relabelled)
		}
	}
	d := NewDecoder(Config{})
	for link := range capture.LinkType(3 * maxRelabelled) {
		var s reassembly.Segment
		d.Decode(packet(1000+link, v4), &s)
	}
	if n := len(d.Counts().Relabelled); n != maxRelabelled {
		t.Errorf("a list of %d", n)
	}
}
