package tls

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
)

// recorder is a Plain that keeps what it is told.
type recorder struct {
	hello  *Hello
	data   [2]bytes.Buffer
	log    []string // everything but data, and where data began
	last   [2]bool  // the last entry of the log is data of that side
	ends   [2]End
	acked  []int64
	closed [2]bool
	t      testing.TB
}

func (r *recorder) note(side event.Side, text string) {
	r.log = append(r.log, fmt.Sprintf("%v %s", side, text))
	r.last = [2]bool{}
}

func (r *recorder) Hello(_ At, h *Hello) {
	if r.hello != nil {
		r.t.Error("two hellos")
	}
	copied := *h
	r.hello = &copied
}

func (r *recorder) Data(side event.Side, at At, p []byte) {
	if r.hello == nil || r.ends[side] != 0 || len(p) == 0 {
		r.t.Errorf("data of %v out of place", side)
	}
	if !r.last[side] {
		r.log = append(r.log, fmt.Sprintf("%v data at %d", side, r.data[side].Len()))
		r.last = [2]bool{}
		r.last[side] = true
	}
	r.data[side].Write(p)
	r.acked = append(r.acked, at.Acked)
}

func (r *recorder) Gap(side event.Side, _ At, n uint64) {
	if r.hello == nil || r.ends[side] != 0 {
		r.t.Errorf("gap of %v out of place", side)
	}
	if n == Unknown {
		r.note(side, "gap")
	} else {
		r.note(side, fmt.Sprintf("gap of %d", n))
	}
}

func (r *recorder) Alert(side event.Side, _ At, a Alert) { r.note(side, a.String()) }

func (r *recorder) Undecryptable(side event.Side, _ At, why Reason) {
	if r.hello == nil || r.closed[side] {
		r.t.Errorf("undecryptable %v out of place", side)
	}
	r.closed[side] = true
	r.note(side, "undecryptable: "+why.String())
}

func (r *recorder) End(side event.Side, _ At, why End) {
	if r.ends[side] != 0 {
		r.t.Errorf("two ends of %v", side)
	}
	r.ends[side] = why
}

// String is everything that was told, in order per side.
func (r *recorder) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\n", r.hello)
	for side := range r.data {
		fmt.Fprintf(&b, "%v %x\n", event.Side(side), r.data[side].Bytes())
	}
	return b.String() + strings.Join(r.log, "\n")
}

// call is one call of Conn.Data, or of Conn.Gap.
type call struct {
	side   event.Side
	octets []byte
	gap    uint64
}

// dialogue is what two peers sent, as it was captured.
type dialogue []call

// play lets a Conn read d.
func (d dialogue) play(t testing.TB, keys *keylog.Log, config Config) *recorder {
	r := &recorder{t: t}
	d.into(New(keys, config, r))
	return r
}

func (d dialogue) into(c *Conn) {
	at := At{Acked: -1}
	for _, call := range d {
		at.Ordinal++
		if call.gap > 0 {
			c.Gap(call.side, at, call.gap)
		} else {
			c.Data(call.side, at, call.octets)
		}
	}
	c.End(event.Client, at, 1)
	c.End(event.Server, at, 1)
}

// records has a call for each record of d.
func (d dialogue) records() dialogue {
	var out dialogue
	var left [2][]byte
	for _, c := range d {
		b := append(left[c.side], c.octets...)
		for len(b) >= headerSize && len(b) >= recordSize(b) {
			n := recordSize(b)
			out = append(out, call{side: c.side, octets: b[:n:n]})
			b = b[n:]
		}
		left[c.side] = b
	}
	return out
}

func keysOf(t testing.TB, log string) *keylog.Log {
	var k keylog.Log
	tally, err := k.Add(strings.NewReader(log))
	if err != nil || tally.Bad > 0 {
		t.Fatalf("%+v %v", tally, err)
	}
	return &k
}
