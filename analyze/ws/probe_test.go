package ws

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

func TestProbe(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	client, server := talk(event.Client, r, 40, chat(r)), talk(event.Server, r, 40, chat(r))
	none := [][]byte{}
	for _, c := range []struct {
		name     string
		segments [2][][]byte
		want     Verdict
		client   event.Side
	}{
		{"nothing", [2][][]byte{}, ProbeMore, 0},
		{"openerIsClient", [2][][]byte{client, server}, ProbeYes, event.Client},
		{"acceptorIsClient", [2][][]byte{server, client}, ProbeYes, event.Server},
		{"twoFramesEach", [2][][]byte{client[:2], server[:2]}, ProbeYes, event.Client},
		{"oneFrame", [2][][]byte{client[:1], none}, ProbeMore, 0},
		{"onlyClient", [2][][]byte{client[:6], none}, ProbeYes, event.Client},
		{"onlyServer", [2][][]byte{none, server[:6]}, ProbeYes, event.Client},
		{"packed", [2][][]byte{{bytes.Join(client[:10], nil)}, {bytes.Join(server[:10], nil)}}, ProbeYes, event.Client},
		{"startsInsideFrames", [2][][]byte{append([][]byte{json(500)}, client...), append([][]byte{json(300)}, server...)}, ProbeYes, event.Client},
		{"startsInsideFrame", [2][][]byte{append([][]byte{random(r, 50)}, client...), server}, ProbeYes, event.Client},
		{"bothMasked", [2][][]byte{client, client}, ProbeNo, 0},
		{"neitherMasked", [2][][]byte{server, server}, ProbeNo, 0},
		{"compressed", [2][][]byte{compressed(t, 8, 300), server[:4]}, ProbeYes, event.Client},
		{"answeredInHTTP", [2][][]byte{client, bytes.SplitAfter(bytes.Repeat([]byte("HTTP/1.1 200 OK\r\n"), 8), []byte("\n"))}, ProbeNo, 0},
		{"answeredInNoise", [2][][]byte{client, {random(r, 200), random(r, 200)}}, ProbeMore, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Probe(c.segments)
			if got.Verdict != c.want || got.Verdict == ProbeYes && got.Client != c.client {
				t.Errorf("got %+v, want %v, client %d", got, c.want, c.client)
			}
		})
	}
}

func TestProbeIsNotDeceived(t *testing.T) {
	for name, make := range notFrames {
		r := rand.New(rand.NewPCG(13, 14))
		most := 0
		for range need.Rounds(50, 15) {
			g := Probe([2][][]byte{make(r), make(r)})
			if g.Verdict == ProbeYes {
				t.Fatalf("%s: %+v", name, g)
			}
			if g.Verdict == ProbeMore {
				t.Errorf("%s: not decided", name)
			}
			most = max(most, Probe([2][][]byte{make(r), {}}).Bits, Probe([2][][]byte{{}, make(r)}).Bits)
		}
		if most >= probeEnough {
			t.Errorf("%s: %d bits in one direction", name, most)
		}
	}
}
