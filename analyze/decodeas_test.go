package analyze

import (
	"net/netip"
	"testing"

	"wshake/analyze/dialogue"
)

// One small frame is no evidence; who knows that it is one can say so.
func TestDecodeAs(t *testing.T) {
	s, err := dialogue.Parse([]byte(`A conversation of which the capture has one frame of each side.
captured: midstream
-- client frames --
text "hello"
-- server frames --
text "hello back"
`))
	if err != nil {
		t.Fatal(err)
	}
	pcap := dialogue.Pcap(s.Packets(1000))
	if r := analyseBytes(t, pcap); len(r.frames) != 0 {
		t.Errorf("%d frames were read on too little evidence", len(r.frames))
	}
	for _, deflate := range []bool{false, true} {
		r := analyseBytes(t, pcap, func(c *Config) {
			c.DecodeAs = []DecodeAs{{Server: netip.MustParseAddrPort("10.0.1.1:80"), Deflate: deflate}}
		})
		if len(r.frames) != 2 || len(r.handshakes) != 0 || len(r.connections) != 1 || !r.connections[0].Conn.Midstream {
			t.Errorf("deflate %v: %d frames, %d handshakes, %d connections", deflate, len(r.frames), len(r.handshakes), len(r.connections))
		}
		for _, f := range r.findings {
			t.Errorf("deflate %v: %s", deflate, f.Text)
		}
	}
}
