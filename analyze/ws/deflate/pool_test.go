package deflate

import (
	"bytes"
	"strings"
	"testing"
)

// Inflaters that take turns inside their blocks find one another's tables and must not use them.
func TestPoolTakesTurns(t *testing.T) {
	pool := NewPool(0)
	var zs []*Inflater
	var sent, want [][]byte
	var got [8]bytes.Buffer
	for i, size := range []int{300, 700, 2000, 5000, 9000, 30000, 70000, 100000} {
		msgs := jsonMessages(3, size)
		zs = append(zs, New(Config{Pool: pool}))
		sent = append(sent, deflated(t, msgs, 1+i)...)
		want = append(want, msgs...)
	}
	for m := range 3 {
		for at, more := 0, true; more; at += 37 {
			more = false
			for i, z := range zs {
				message := sent[3*i+m]
				if at < len(message) {
					more = true
					if err := z.Write(message[at:min(at+37, len(message))], take(func(p []byte) { got[i].Write(p) })); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		for i, z := range zs {
			if err := z.End(take(func(p []byte) { got[i].Write(p) })); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got[i].Bytes(), want[3*i+m]) {
				t.Errorf("message %d of %d differs", m, i)
			}
			got[i].Reset()
		}
	}
}

func TestPoolLimit(t *testing.T) {
	pool := NewPool(8 << 10) // two of the smallest windows
	zs := []*Inflater{New(Config{Pool: pool}), New(Config{Pool: pool}), New(Config{Pool: pool, NoContextTakeover: true})}
	text := to().fixed().text("some text").end().flush()
	back := to().fixed().match(4, 4).end().flush()

	inflate(zs[0], text)
	inflate(zs[1], text)
	if got := inflate(zs[0], back); got.Text != "text" {
		t.Fatalf("%+v", got)
	}
	inflate(zs[2], text) // takes the window of 1, which was idle for longer
	if pool.Taken() != 1 || !zs[1].Lost() || zs[0].Lost() {
		t.Errorf("%d taken, lost: %v %v", pool.Taken(), zs[0].Lost(), zs[1].Lost())
	}
	if got := inflate(zs[0], back); got.Text != "text" {
		t.Errorf("%+v", got)
	}
	if got := inflate(zs[1], back); got.Text != "????" || got.Error != "" || !got.Lost {
		t.Errorf("%+v", got)
	}
	if got := inflate(zs[2], text); got.Text != "some text" || got.Lost {
		t.Errorf("%+v", got)
	}
	long := strings.Repeat("x", 60000)
	if got := inflate(zs[0], to().stored(long).flush()); got.Text != long {
		t.Errorf("%d octets", len(got.Text))
	}
	if pool.held != 64<<10 || !zs[1].Lost() {
		t.Errorf("%d octets held for one large window", pool.held)
	}
	zs[0].Release()
	if pool.oldest != nil || pool.newest != nil {
		t.Error("windows remain lent")
	}
	inflate(zs[1], text)
	if pool.held > pool.limit {
		t.Errorf("%d octets held, limit %d", pool.held, pool.limit)
	}
}

func TestReset(t *testing.T) {
	pool := NewPool(0)
	z := New(Config{Pool: pool})
	inflate(z, to().stored("secret").flush())
	z.Write(to().fixed().text("begun").out, take(func([]byte) {}))
	z.Reset(Config{Pool: pool})
	if got := inflate(z, to().fixed().match(3, 6).end().flush()); got.Text != "" || !strings.HasSuffix(got.Error, "distance too far back") {
		t.Errorf("%+v", got)
	}
	if pool.held != windowSizes[0] {
		t.Errorf("%d octets held", pool.held)
	}
}

func TestSilentCostsNothing(t *testing.T) {
	pool := NewPool(0)
	z := New(Config{Pool: pool})
	for range 10 {
		if got := inflate(z, []byte{0}); got.Error != "" {
			t.Fatal(got)
		}
	}
	if pool.held != 0 {
		t.Errorf("%d octets held", pool.held)
	}
}

func TestNoAllocations(t *testing.T) {
	sent := deflated(t, jsonMessages(200, 4096), 6)
	z := New(Config{})
	total := 0
	out := take(func(p []byte) { total += len(p) })
	i := 0
	next := func() {
		if err := z.Write(sent[i], out); err != nil {
			t.Fatal(err)
		}
		if err := z.End(out); err != nil {
			t.Fatal(err)
		}
		i++
	}
	for range 50 { // until the window has grown
		next()
	}
	if n := testing.AllocsPerRun(100, next); n != 0 {
		t.Errorf("%v allocations per message", n)
	}
}

// A message that inflates a thousandfold passes through the one window.
func TestBomb(t *testing.T) {
	const size = 1 << 25
	sent := deflated(t, [][]byte{make([]byte, size)}, 6)[0]
	pool := NewPool(0)
	z := New(Config{Pool: pool})
	total, largest := 0, 0
	out := take(func(p []byte) {
		total += len(p)
		largest = max(largest, len(p))
	})
	if err := z.Write(sent, out); err != nil {
		t.Fatal(err)
	}
	if err := z.End(out); err != nil {
		t.Fatal(err)
	}
	if total != size || pool.held > 84<<10 || largest > 64<<10 {
		t.Errorf("%d octets of %d in chunks of at most %d, %d held", total, size, largest, pool.held)
	}
}
