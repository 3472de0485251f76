package analyze

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
	"wshake/testdata/need"
)

// tape is a capture in memory, for damage to be done to. Ordinals and numbers are given when it is played.
type tape []capture.Packet

// player is a Source that plays a tape.
type player struct{ left tape }

func (p *player) Read(b *capture.Batch) error {
	if len(p.left) == 0 {
		return io.EOF
	}
	n := min(len(p.left), capture.BatchSize)
	b.Packets = append(b.Packets[:0], p.left[:n]...)
	p.left = p.left[n:]
	return nil
}

func (p *player) Names() []string          { return []string{"tape"} }
func (p *player) Progress() (int64, int64) { return 0, 0 }
func (p *player) Close() error             { return nil }

// play numbers the packets of a copy.
func (t tape) play() *player {
	t = slices.Clone(t)
	for i := range t {
		t[i].Ordinal, t[i].Number, t[i].File = uint64(i+1), uint64(i+1), 0
	}
	return &player{t}
}

func (t tape) analyse(tb testing.TB, change ...func(*Config)) *recorder {
	tb.Helper()
	return analyseSource(tb, t.play(), change...)
}

// loadTape reads a capture.
func loadTape(tb testing.TB, path string) tape {
	tb.Helper()
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer src.Close()
	var t tape
	var b capture.Batch
	for {
		switch err := src.Read(&b); err {
		case nil:
		case io.EOF:
			return t
		default:
			tb.Fatal(err)
		}
		for _, p := range b.Packets {
			p.Data = bytes.Clone(p.Data)
			t = append(t, p)
		}
		b.Release()
	}
}

const linkRaw capture.LinkType = 101

// taped plays a script of package dialogue.
func taped(packets []dialogue.Packet) tape {
	t := make(tape, len(packets))
	for i, p := range packets {
		t[i] = capture.Packet{Data: p.Data, Time: p.Time, Length: uint32(len(p.Data)), Link: linkRaw}
	}
	return t
}

// script makes a tape of a dialogue in the words of package dialogue.
func script(tb testing.TB, lines ...string) tape {
	tb.Helper()
	s, err := dialogue.Parse([]byte(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return taped(s.Packets(1000))
}

// recordings lists the captures of testdata.
func recordings(tb testing.TB) []string {
	tb.Helper()
	return glob(tb, filepath.Join("..", "testdata", "captures", "*.pcap*"))
}

// sampled is a sixth of the list where tests are to be brief, and not the same for every test; else all of it.
func sampled(tb testing.TB, list []string) (part []string) {
	if !need.Brief() || racing {
		return list
	}
	const each = 6
	for i := len(tb.Name()) % each; i < len(list); i += each {
		part = append(part, list[i])
	}
	return part
}

func recording(name string) string {
	return filepath.Join("..", "testdata", "captures", name+".pcapng")
}

// segments decodes a tape; packets that are no TCP have an empty segment.
func (t tape) segments() []reassembly.Segment {
	d := decode.NewDecoder(decode.Config{})
	all := make([]reassembly.Segment, len(t))
	for i := range t {
		d.Decode(&t[i], &all[i])
	}
	return all
}

// oneSide keeps the packets of one end of each connection.
func (t tape) oneSide(from int) tape {
	var kept tape
	for i, s := range t.segments() {
		if s.From == uint8(from) {
			kept = append(kept, t[i])
		}
	}
	return kept
}
