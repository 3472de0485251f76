package http3

import (
	"bytes"
	"testing"
)

// Header blocks that refer to entries which never come, and answers without a request: what waits stays within the limit
// of the connection, what is given up is told, and the rest is read.
func TestBlockedFlood(t *testing.T) {
	lost := map[LossKind]int{}
	a := &losing{account: new(account), lost: lost}
	var r Reader
	r.Reset(Limits{All: 1 << 20}, a)
	r.Data(Server, At{}, 3, []byte{streamControl, frameSettings, 3, SettingTableCapacity, 0x40, 200})
	// required insert count 1, a literal field with a value of 4,000 octets
	block := append([]byte{0x02, 0x00, 0x21, 'n', 0x7f, 0xa1, 0x1e}, bytes.Repeat([]byte{'v'}, 4000)...)
	head := append([]byte{frameHeaders, byte(0x40 | len(block)>>8), byte(len(block))}, block...)
	answer := append([]byte{frameData, 0x44, 0xb0}, make([]byte, 1200)...)
	const streams = 2000
	for n := range uint64(streams) {
		r.Data(Client, At{}, 4*n, head)
		for range 3 {
			r.Data(Server, At{}, 4*n, answer)
		}
		sum := cap(r.sides[Server].uni[3].buf)
		for _, s := range r.streams {
			for side := range s.halves {
				sum += s.halves[side].octets + len(s.halves[side].buf)
			}
		}
		if n%100 == 0 && sum != r.kept || r.kept > 1<<20+10_000 {
			t.Fatalf("stream %d: %d octets are counted, %d kept", n, r.kept, sum)
		}
	}
	if lost[LimitHeld]+lost[LimitBlock] == 0 {
		t.Error("that something was given up is not told")
	}
	r.Finish()
	if r.blocked != 0 {
		t.Errorf("%d blocks wait at the end", r.blocked)
	}
}

// losing counts what was not read.
type losing struct {
	*account
	lost map[LossKind]int
}

func (l *losing) Lost(x *Loss) { l.lost[x.Kind]++ }
