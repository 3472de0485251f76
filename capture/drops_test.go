package capture

import (
	"bytes"
	"math"
	"testing"
)

// The counters of a pcapng file become one number for the system and one for the interface; no lost packet is counted
// twice.
func TestDrops(t *testing.T) {
	for _, o := range orders {
		w := writers[o]
		value := func(n uint64) string { return string(w.AppendUint64(nil, n)) }
		for name, test := range map[string]struct {
			make  func(g *ng)
			want  Drops
			known bool
		}{
			"not counted": {func(g *ng) { g.enhanced(0, 1, "a") }, Drops{}, false},
			"packets": {func(g *ng) {
				for range 3 {
					g.enhanced(0, 1, "a", g.option(epbDropCount, value(5)))
				}
			}, Drops{Kernel: 15}, true},
			"obsolete packets":    {func(g *ng) { g.obsolete(0, 1, "a").obsolete(0, 2, "b") }, Drops{Kernel: 14}, true},
			"statistics":          {func(g *ng) { statistics(g, 0, map[uint16]uint64{isbIfDrop: 3, isbOSDrop: 4}) }, Drops{4, 3}, true},
			"nothing was dropped": {func(g *ng) { statistics(g, 0, map[uint16]uint64{isbIfDrop: 0, isbOSDrop: 0}) }, Drops{}, true},
			"accepted, not delivered": {func(g *ng) {
				statistics(g, 0, map[uint16]uint64{isbAccepted: 100, isbDelivered: 90})
			}, Drops{Kernel: 10}, true},
			"all counted twice": {func(g *ng) {
				g.enhanced(0, 1, "a", g.option(epbDropCount, value(9)))
				statistics(g, 0, map[uint16]uint64{isbIfDrop: 2, isbOSDrop: 4})
				statistics(g, 0, map[uint16]uint64{isbIfDrop: 3, isbOSDrop: 6, isbAccepted: 100, isbDelivered: 1})
			}, Drops{6, 3}, true},
			"two interfaces and two sections": {func(g *ng) {
				g.iface(1, 0).enhanced(1, 1, "a", g.option(epbDropCount, value(2)))
				statistics(g, 0, map[uint16]uint64{isbIfDrop: 1})
				g.section(-1).iface(1, 0)
				statistics(g, 0, map[uint16]uint64{isbOSDrop: 4})
			}, Drops{6, 1}, true},
			"of no interface": {func(g *ng) { statistics(g, 7, map[uint16]uint64{isbIfDrop: 1}) }, Drops{}, false},
			"too short":       {func(g *ng) { g.block(interfaceStatistics, make([]byte, 8)) }, Drops{}, false},
			"hostile": {func(g *ng) {
				for range 3 {
					g.enhanced(0, 1, "a", g.option(epbDropCount, value(math.MaxUint64)))
				}
			}, Drops{Kernel: maxDrops}, true},
		} {
			g := &ng{order: o}
			g.section(-1).iface(1, 0)
			test.make(g)
			s, err := Open([]string{stdin}, Options{Stdin: bytes.NewReader(g.buf)})
			if err != nil {
				t.Fatal(err)
			}
			if err := new(run).drain(s); err != nil {
				t.Fatal(err)
			}
			if got, known := Dropped(s); got != test.want || known != test.known {
				t.Errorf("%s: %+v %v, want %+v %v", name, got, known, test.want, test.known)
			}
		}
	}
}

func statistics(g *ng, id uint32, counters map[uint16]uint64) {
	w := writers[g.order]
	b := append(w.AppendUint32(nil, id), make([]byte, 8)...)
	var options [][]byte
	for code := uint16(0); code < 10; code++ {
		if n, ok := counters[code]; ok {
			options = append(options, g.option(code, string(w.AppendUint64(nil, n))))
		}
	}
	g.block(interfaceStatistics, g.with(b, options))
}

// Packets whose file holds no time have none, also behind one that has, and the order of the file stays.
func TestNoTime(t *testing.T) {
	for _, o := range orders {
		g := &ng{order: o}
		g.section(-1).iface(1, 0).simple(1, "a").simple(1, "b").enhanced(0, 5, "c").simple(1, "d")
		r := readBytes(t, g.buf)
		want := []int64{NoTime, NoTime, 5000, NoTime}
		for i, p := range r.Packets {
			if p.Time != want[i] {
				t.Errorf("packet %d: %d, want %d", i+1, p.Time, want[i])
			}
		}
		if len(r.Packets) != len(want) || len(r.Problems) > 0 {
			t.Errorf("%d packets, %v", len(r.Packets), r.Problems)
		}
	}
}

func TestSnapLength(t *testing.T) {
	for _, o := range orders {
		for name, test := range map[string]struct {
			file []byte
			want uint32
		}{
			"pcap":           {pcapFile(o, magicMicro, samples(2)...), 65535},
			"two interfaces": {(&ng{order: o}).section(-1).iface(1, 0).iface(1, 262144).iface(1, 96).enhanced(0, 1, "a").buf, 96},
			"none":           {(&ng{order: o}).section(-1).iface(1, 0).enhanced(0, 1, "a").buf, 0},
			"two files":      {append(pcapFile(o, magicMicro, samples(2)...), (&ng{order: o}).section(-1).iface(1, 68).enhanced(0, 1, "a").buf...), 68},
		} {
			s, err := Open([]string{stdin}, Options{Stdin: bytes.NewReader(test.file)})
			if err != nil {
				t.Fatal(err)
			}
			if err := new(run).drain(s); err != nil {
				t.Fatal(err)
			}
			if got := SnapLength(s); got != test.want {
				t.Errorf("%s: %d, want %d", name, got, test.want)
			}
		}
	}
}
