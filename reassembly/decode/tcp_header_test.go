package decode

import (
	"testing"
	"wshake/reassembly"
)

// Old default snap lengths end inside the options of a SYN.
func TestOptionsCut(t *testing.T) {
	whole := packet(linkEthernet, ether(opener, "0800", segmentIn(4, opener)))
	p := *whole
	p.Data = p.Data[:14+20+24]
	var s reassembly.Segment
	o := NewDecoder(Config{CheckChecksums: true}).Decode(&p, &s)
	if o != TCP || len(s.Payload) != 0 || int(s.Cut) != len(said[opener]) || s.Seq != 1000 {
		t.Errorf("%v, %+v", o, s)
	}
}
