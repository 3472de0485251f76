// Package traffic makes captures of any size: whole TCP conversations over Ethernet and IPv4, many interleaved, with
// correct checksums. A capture depends on nothing but its kind and size, and is written as it is made, so that memory
// does not grow with it.
package traffic

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// Kind is one kind of capture.
type Kind struct {
	Name    string
	Packets int     // about
	Open    int     // connections open at once
	plots   []share // nil where it is QUIC without secrets
}

// share is how many connections of a hundred follow a plot.
type share struct {
	percent int
	plot    func() plot
}

// plot is what happens on connections of one sort, between TCP's handshake and its end. One plot serves them all.
type plot interface {
	// turns is how many turns a new connection takes.
	turns(r *rand.Rand) int
	// needed is how many of them, first and last, every connection takes, however soon it ends.
	needed() (first, last int)
	// turn makes one side of c say something; it calls c.say once.
	turn(c *conn, r *rand.Rand)
	// port is the server's.
	port() uint16
}

// others is the kind that has UDP datagrams among its connections.
const others = "others"

// Kinds are all kinds, in the sizes that tools are compared with.
var Kinds = []Kind{
	{"chat", 1_010_000, 128, []share{{100, func() plot { return &webSocket{frames: 500, size: [2]int{30, 160}} }}}},
	{"handshakes", 1_110_000, 1024, []share{{100, func() plot { return &webSocket{frames: 2, size: [2]int{30, 160}} }}}},
	{"ws", 449_000, 64, []share{{100, func() plot { return &webSocket{frames: 100, size: [2]int{200, 20_000}} }}}},
	{"deflate", 400_000, 64, []share{{100, newDeflated}}},
	{"http", 1_000_000, 256, []share{{100, func() plot { return &bulk{answer: 40_000, secure: false} }}}},
	{"tls", 1_000_000, 256, []share{{100, func() plot { return &bulk{answer: 40_000, secure: true} }}}},
	{"h2", 1_000_000, 256, []share{{100, func() plot { return &multiplexed{answer: 40_000} }}}},
	{"wss", 200_000, 64, []share{{100, func() plot { return &secured{&webSocket{frames: 100, size: [2]int{200, 20_000}}, "http/1.1"} }}}},
	{"h2tls", 200_000, 64, []share{{100, func() plot { return &secured{&multiplexed{answer: 40_000}, "h2"} }}}},
	{"tlsbulk", 200_000, 1, []share{{100, func() plot { return &secured{&download{octets: 1 << 30}, "http/1.1"} }}}},
	{"mixed", 1_310_000, 256, []share{
		{30, func() plot { return &webSocket{frames: 100, size: [2]int{50, 4000}} }},
		{35, func() plot { return &bulk{answer: 40_000, secure: false} }},
		{35, func() plot { return &bulk{answer: 40_000, secure: true} }},
	}},
	{"quic", 1_200_000, 256, nil},
	{others, 280_000, 256, []share{
		{30, func() plot { return &bulk{answer: 40_000, secure: false} }},
		{40, func() plot { return &bulk{answer: 40_000, secure: true} }},
		{30, func() plot { return new(shell) }},
	}},
}

// Faulty are kinds that no other tool is compared with: handshakes as in Kinds whose Accepts are wrong. What explaining
// them costs is bounded, so that they take at most twice the time of right ones.
var Faulty = []Kind{
	{"wrongaccepts", 1_110_000, 1024, []share{{100, func() plot {
		return &webSocket{frames: 2, size: [2]int{30, 160}, wrong: true}
	}}}},
}

// Named is the kind of that name.
func Named(name string) (Kind, error) {
	for _, k := range slices.Concat(Kinds, Faulty) {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("there is no kind %q", name)
}

// Frames gives WebSocket connections n data frames each. Those of deflate, which are made beforehand, keep theirs.
func (k *Kind) Frames(n int) {
	shares := slices.Clone(k.plots)
	for i := range shares {
		own := shares[i].plot
		shares[i].plot = func() plot {
			p := own()
			if w, ok := p.(*webSocket); ok && w.deflated == nil {
				w.frames = n
			}
			return p
		}
	}
	k.plots = shares
}

// Write writes a capture to w as pcap, and into keyLog the secrets of the kinds that have some. When it has k.Packets
// no connection is begun any more, and those that are open come to their end.
func (k *Kind) Write(w, keyLog io.Writer) error {
	n := newNetwork(w, keyLog)
	r := rand.New(rand.NewPCG(6455, 7692))
	if k.plots == nil {
		k.hidden(n, r)
		return n.out.Flush()
	}
	var plots []plot
	for _, s := range k.plots {
		p := s.plot()
		for range s.percent {
			plots = append(plots, p)
		}
	}
	var conns []*conn
	begun := 0
	for {
		for len(conns) < k.Open && n.packets < k.Packets {
			p := plots[r.IntN(len(plots))]
			conns = append(conns, n.connect(begun, p, r))
			begun++
		}
		if len(conns) == 0 {
			break
		}
		if k.Name == others && r.IntN(4) == 0 {
			n.other(r)
		}
		i := r.IntN(len(conns))
		if n.packets >= k.Packets {
			conns[i].hurry()
		}
		if conns[i].step(r) == over {
			conns[i] = conns[len(conns)-1]
			conns = conns[:len(conns)-1]
		}
	}
	return n.out.Flush()
}
