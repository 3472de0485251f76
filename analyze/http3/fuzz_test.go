package http3

import (
	"bytes"
	"fmt"
	"testing"
)

// account is a Handler that writes down what it is told, octets of DATA joined.
type account struct {
	heads string
	data  [2]map[uint64]*bytes.Buffer
}

func (a *account) Head(h *Head) Next {
	for _, f := range h.Fields {
		a.heads += fmt.Sprintf("%d %s %s=%s;", h.Stream, h.From, f.Name, f.Value)
	}
	return Follow
}

func (a *account) Data(side Side, _ At, stream uint64, p []byte) {
	if a.data[side] == nil {
		a.data[side] = map[uint64]*bytes.Buffer{}
	}
	b := a.data[side][stream]
	if b == nil {
		b = new(bytes.Buffer)
		a.data[side][stream] = b
	}
	b.Write(p)
}
func (a *account) Unasked(Side, At, uint64) Next           { return Follow }
func (a *account) Gap(Side, At, uint64, uint64)            {}
func (a *account) Found(Side, At, uint64)                  {}
func (a *account) EndStream(Side, At, uint64)              {}
func (a *account) Reset(Side, At, uint64, ErrorCode)       {}
func (a *account) StopSending(Side, At, uint64, ErrorCode) {}
func (a *account) Settings(_ Side, _ At, list []Setting)   { a.heads += fmt.Sprint(list) }
func (a *account) GoAway(Side, At, uint64)                 {}
func (a *account) Lost(*Loss)                              {}

func read(control, encoder, client, server []byte, step int) *account {
	a := new(account)
	var r Reader
	r.Reset(Limits{}, a)
	for _, s := range []struct {
		side   Side
		id     uint64
		octets []byte
	}{{Server, 3, control}, {Client, 0, client}, {Server, 0, server}, {Client, 2, append([]byte{streamEncoder}, encoder...)}} {
		for p := s.octets; len(p) > 0; {
			n := min(step, len(p))
			r.Data(s.side, At{}, s.id, p[:n])
			p = p[n:]
		}
	}
	r.Finish()
	return a
}

// A block that refers to entries that come later waits for them; an answer waits for its request. It does not matter how
// octets are cut.
func TestBlockedSection(t *testing.T) {
	control := []byte{streamControl, frameSettings, 3, SettingTableCapacity, 0x40, 200}
	encoder := append([]byte{0x3f, 0xa9, 0x01, 0x4a}, "customname\x05value"...)
	client := []byte{frameHeaders, 6, 0x02, 0x00, 0xcf, 0x80, 0xd7, 0xc1, frameData, 3, 'a', 'b', 'c'}
	server := []byte{0x21, 1, 'x', frameHeaders, 3, 0, 0, 0xd9, frameData, 0, frameData, 2, 'd', 'e'}
	want := read(control, encoder, client, server, 1000)
	const heads = "[{1 200}]0 client :method=CONNECT;0 client customname=value;0 client :scheme=https;0 client :path=/;0 server :status=200;"
	if want.heads != heads {
		t.Errorf("%s\nwant %s", want.heads, heads)
	}
	for step := 1; step < 10; step++ {
		got := read(control, encoder, client, server, step)
		if got.heads != heads || got.data[Client][0].String() != "abc" || got.data[Server][0].String() != "de" {
			t.Errorf("in pieces of %d: %s, %v", step, got.heads, got.data)
		}
	}
}

// Behind lost octets of the encoder stream what refers to the table is unknown, and everything else is known.
func TestLostEncoderStream(t *testing.T) {
	a := new(account)
	var r Reader
	r.Reset(Limits{}, a)
	r.Data(Client, At{}, 2, []byte{streamEncoder})
	r.Gap(Client, At{}, 2, 10)
	r.Data(Client, At{}, 0, []byte{frameHeaders, 6, 0x02, 0x00, 0xcf, 0x80, 0xd7, 0xc1})
	if want := "0 client :method=CONNECT;0 client =;0 client :scheme=https;0 client :path=/;"; a.heads != want {
		t.Errorf("%s\nwant %s", a.heads, want)
	}
}

// Any octets: no panic, and the same however they are cut.
func FuzzReader(f *testing.F) {
	f.Add([]byte{streamControl, frameSettings, 3, 1, 0x40, 200}, []byte{0x3f, 0xa9, 0x01, 0x41, 'n', 1, 'v'}, []byte{frameHeaders, 4, 2, 0, 0xcf, 0x80, 0, 1, 'a'},
		[]byte{frameHeaders, 3, 0, 0, 0xd9}, uint8(1))
	// an instruction that breaks the rules behind one that a block waits for
	f.Add([]byte("0"), []byte("?0A0\x010\xaf"), []byte("\x01\x04\x020\x80\x15"), []byte("0"), uint8('6'))
	f.Fuzz(func(t *testing.T, control, encoder, client, server []byte, step uint8) {
		if len(control)+len(encoder)+len(client)+len(server) > 600 {
			return // what a piece takes counts, too: the limits would be reached by small ones only
		}
		want := read(control, encoder, client, server, 1<<20)
		got := read(control, encoder, client, server, int(step)%16+1)
		if want.heads != got.heads {
			t.Errorf("heads in one piece:\n%s\nin pieces:\n%s", want.heads, got.heads)
		}
	})
}
