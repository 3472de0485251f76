package capture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"wshake/testdata/need"
)

func TestPcapVariants(t *testing.T) {
	for _, o := range orders {
		for magic, want := range map[uint32]string{
			magicMicro:    "2023-11-14T22:13:20.123456Z",
			magicNano:     "2023-11-14T22:13:20.000123456Z",
			magicModified: "2023-11-14T22:13:20.123456Z",
		} {
			t.Run(fmt.Sprintf("%x in order %d", magic, o), func(t *testing.T) {
				r := readBytes(t, pcapFile(o, magic, sample{1700000000, 123456, "first", 60}, sample{1700000001, 0, "", 0}))
				first := Packet{Data: []byte("first"), Time: at(t, want), Ordinal: 1, Number: 1, Length: 60, Link: 1}
				second := Packet{Data: []byte{}, Time: at(t, "2023-11-14T22:13:21Z"), Ordinal: 2, Number: 2, Link: 1}
				if diff := cmp.Diff([]Packet{first, second}, r.Packets); diff != "" || len(r.Problems) > 0 {
					t.Error(diff, r.Problems)
				}
			})
		}
	}
}

func TestPcapTime(t *testing.T) {
	for name, tt := range map[string]struct {
		magic             uint32
		seconds, fraction uint32
		want              int64
	}{
		"before 2038":               {magicMicro, 1, 2, 1_000_002_000},
		"seconds are unsigned":      {magicMicro, 4294967295, 0, 4294967295e9},
		"five million microseconds": {magicMicro, 10, 5_000_000, 10_005_000_000}, // which are nanoseconds
		"all microseconds":          {magicMicro, 0, 4294967295, 4294967295000},
		"all nanoseconds":           {magicNano, 1, 4294967295, 5294967295},
	} {
		r := readBytes(t, pcapFile(littleEndian, tt.magic, sample{tt.seconds, tt.fraction, "x", 0}))
		if got := r.times(); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestPcapLengths(t *testing.T) {
	for name, tt := range map[string]struct {
		major, minor     uint16
		captured, wire   uint32 // in the places that version 2.4 gives them
		data             string
		wantData, wantIn uint32
	}{
		"2.4 as written":              {2, 4, 3, 9, "abc", 3, 9},
		"2.4 longer than the wire":    {2, 4, 3, 2, "abc", 3, 3},
		"2.3 as written":              {2, 3, 3, 9, "abc", 3, 9},
		"2.3 the other way":           {2, 3, 9, 3, "abc", 3, 9},
		"2.2 the other way":           {2, 2, 9, 3, "abc", 3, 9},
		"543.0 the other way":         {543, 0, 9, 3, "abc", 3, 9},
		"a newer minor version":       {2, 5, 3, 9, "abc", 3, 9},
		"longer than the snap length": {2, 4, 70000, 70000, strings.Repeat("x", 70000), 70000, 70000},
	} {
		b := pcapFileHeader(littleEndian, magicMicro, tt.major, tt.minor, 1)
		w := writers[littleEndian]
		b = w.AppendUint64(b, 1)
		b = w.AppendUint32(b, tt.captured)
		b = w.AppendUint32(b, tt.wire)
		r := readBytes(t, append(b, tt.data...))
		if len(r.Packets) != 1 || len(r.Packets[0].Data) != int(tt.wantData) || r.Packets[0].Length != tt.wantIn || len(r.Problems) > 0 {
			t.Errorf("%s: %v %v", name, r.Packets, r.Problems)
		}
	}
}

func TestPcapLinkType(t *testing.T) {
	for field, want := range map[uint32]LinkType{1: 1, 276: 276, 0xf4000001: 1, 0x2400ffff: 0xffff} {
		b := pcapFileHeader(bigEndian, magicNano, 2, 4, field)
		b = append(b, pcapFile(bigEndian, magicNano, sample{data: "x"})[pcapHeader:]...)
		if r := readBytes(t, b); len(r.Packets) != 1 || r.Packets[0].Link != want {
			t.Errorf("%#x: %v", field, r.Packets)
		}
	}
}

// TestPcapEveryCut cuts a file after each of its octets: the packets before the cut are delivered, and a problem names
// the record that was cut, unless the cut falls between two.
func TestPcapEveryCut(t *testing.T) {
	packets := need.Rounds(50, 15)
	for magic, o := range map[uint32]order{magicMicro: littleEndian, magicNano: bigEndian, magicModified: bigEndian} {
		header := pcapRecord
		if magic == magicModified {
			header = modifiedRecord
		}
		all := samples(packets)
		whole := pcapFile(o, magic, all...)
		borders := []int{pcapHeader}
		for _, p := range all {
			borders = append(borders, borders[len(borders)-1]+header+len(p.data))
		}
		everyCut(t, whole, borders, func(n int) int { return n })
	}
}

// everyCut checks each cut of whole from its fourth octet on. Borders are where records end, packets(n) is the number
// of packets in front of border n.
func everyCut(t *testing.T, whole []byte, borders []int, packets func(int) int) {
	t.Helper()
	if len(whole) != borders[len(borders)-1] {
		t.Fatalf("%d octets, last border at %d", len(whole), borders[len(borders)-1])
	}
	passed, offset := -1, 0
	for cut := 4; cut <= len(whole); cut++ {
		for passed+1 < len(borders) && borders[passed+1] <= cut {
			passed++
			offset = borders[passed]
		}
		if need.Brief() && cut != offset && cut%4 != 0 {
			continue
		}
		want := 0
		if passed >= 0 {
			want = packets(passed)
		}
		r := readAll(t, iotest.HalfReader(bytes.NewReader(whole[:cut])), stdin)
		if len(r.Packets) != want {
			t.Fatalf("cut at %d: %d packets, want %d", cut, len(r.Packets), want)
		}
		if cut == offset {
			if len(r.Problems) > 0 {
				t.Fatalf("cut at border %d: %v", cut, r.Problems)
			}
			continue
		}
		if len(r.problems) != 1 {
			t.Fatalf("cut at %d: %v", cut, r.Problems)
		}
		if p := r.problems[0]; !p.Truncated || p.Offset != int64(offset) || p.Packet != uint64(want) || p.Path != stdin {
			t.Fatalf("cut at %d: %+v, want offset %d after packet %d", cut, p, offset, want)
		}
	}
}

func TestPcapDamage(t *testing.T) {
	good := pcapFile(littleEndian, magicMicro, samples(2)...)
	end := len(good)
	record := func(captured, original uint32) []byte {
		w := writers[littleEndian]
		b := w.AppendUint32(bytes.Clone(good), 7)
		b = w.AppendUint32(b, 8)
		b = w.AppendUint32(b, captured)
		return w.AppendUint32(b, original)
	}
	for name, tt := range map[string]struct {
		file      []byte
		packets   int
		truncated bool
		want      string
	}{
		"absurd length": {record(0xffffffff, 60), 2, false,
			fmt.Sprintf("standard input: packet 3 claims 4294967295 captured octets, more than the limit of 16777216 at offset %d; 2 packets before it were read", end)},
		"absurd length and data": {append(record(MaxRecord+1, 60), make([]byte, 1000)...), 2, false,
			fmt.Sprintf("standard input: packet 3 claims 16777217 captured octets, more than the limit of 16777216 at offset %d; 2 packets before it were read", end)},
		"data cut off": {append(record(74, 74), make([]byte, 12)...), 2, true,
			fmt.Sprintf("standard input: cut off inside packet 3 at offset %d (has 28 of 90 octets); 2 packets before it were read", end)},
		"no data at all": {record(74, 74), 2, true,
			fmt.Sprintf("standard input: cut off inside packet 3 at offset %d (has 16 of 90 octets); 2 packets before it were read", end)},
		"record header cut off": {record(1, 1)[:end+3], 2, true,
			fmt.Sprintf("standard input: cut off inside the header of packet 3 at offset %d (has 3 of 16 octets); 2 packets before it were read", end)},
		"zeros at the end": {append(bytes.Clone(good), make([]byte, 4096)...), 2, false,
			fmt.Sprintf("standard input: the header of packet 3 is all zeros at offset %d; 2 packets before it were read", end)},
		"file header cut off": {good[:23], 0, true,
			"standard input: cut off inside the file header at offset 0 (has 23 of 24 octets); no packet before it was read"},
		"version 3": {append(pcapFileHeader(bigEndian, magicMicro, 3, 1, 1), good[24:]...), 0, false,
			"standard input: pcap version 3.1 is not known at offset 0; no packet before it was read"},
		"one packet, then cut": {good[:24+16+14+5], 1, true,
			"standard input: cut off inside the header of packet 2 at offset 54 (has 5 of 16 octets); 1 packet before it was read"},
	} {
		r := readBytes(t, tt.file)
		if len(r.Packets) != tt.packets || len(r.Problems) != 1 || r.Problems[0] != tt.want || r.problems[0].Truncated != tt.truncated {
			t.Errorf("%s: %d packets, %q\nwant %q", name, len(r.Packets), r.Problems, tt.want)
		}
	}
}

func TestPcapOnlyHeader(t *testing.T) {
	for _, b := range [][]byte{pcapFile(littleEndian, magicMicro), pcapngFile(bigEndian)} {
		if r := readBytes(t, b); len(r.Packets) != 0 || len(r.Problems) != 0 {
			t.Error(r)
		}
	}
}
