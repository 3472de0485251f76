package part_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/cmd/wshake-beam/internal/law"
	. "wshake/cmd/wshake-beam/internal/part"
)

// pieces splits a file at places, as workers do that know nothing of each other; in any order.
func pieces(t testing.TB, f File, at []int64) []File {
	t.Helper()
	if len(at) == 0 {
		return []File{f}
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(b))
	var walked []*Walked
	for i, begin := range slices.Concat([]int64{0}, at) {
		p := f
		p.Begin, p.End, p.Piece = begin, size, f.Piece+int32(i)
		if i < len(at) {
			p.End = at[i]
		}
		walked = append(walked, Walk(p, bytes.NewReader(b), size))
	}
	slices.Reverse(walked)
	return Settle(walked, bytes.NewReader(b))
}

// packetsOf is the packets of files as text.
func packetsOf(t testing.TB, files []File) (list []string) {
	t.Helper()
	for _, f := range files {
		src, err := OpenLocal(f, capture.Options{Problem: func(p *capture.Problem) {
			t.Errorf("%d to %d: %v", f.Begin,
				f.End, p)
		}})
		if err != nil {
			t.Fatal(err)
		}
		var b capture.Batch
		for src.Read(&b) != io.EOF {
			for _, p := range b.Packets {
				list = append(list, fmt.Sprintf("%d %d %d %x", p.Time, p.Link, p.Length, p.Data))
			}
		}
		src.Close()
	}
	return list
}

// asPcap writes the packets of a recording as pcap.
func asPcap(t testing.TB, path string) string {
	t.Helper()
	src, err := OpenLocal(File{Path: path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	order := binary.BigEndian
	file := append(order.AppendUint32(nil, 0xa1b23c4d), 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0)
	var b capture.Batch
	for src.Read(&b) != io.EOF {
		for _, p := range b.Packets {
			order.PutUint32(file[20:], uint32(p.Link))
			file = order.AppendUint32(file, uint32(p.Time/1e9))
			file = order.AppendUint32(file, uint32(p.Time%1e9))
			file = order.AppendUint32(file, uint32(len(p.Data)))
			file = append(order.AppendUint32(file, p.Length), p.Data...)
		}
	}
	path = filepath.Join(t.TempDir(), "file.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A short file is split at every octet.
func TestSplitAnywhere(t *testing.T) {
	short := law.Cut(t, root+"/testdata/captures/gorilla-plain.pcapng", 6)[0]
	for _, path := range []string{short, asPcap(t, short)} {
		whole := File{Path: path}
		want := packetsOf(t, []File{whole})
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		split := 0
		for at := int64(1); at < info.Size(); at++ {
			list := pieces(t, whole, []int64{at})
			if len(list) > 1 {
				split++
			}
			if got := packetsOf(t, list); !slices.Equal(want, got) {
				t.Fatalf("%s, split at %d: %d packets of %d", path, at, len(got), len(want))
			}
		}
		if int64(split) < info.Size()/2 {
			t.Errorf("%s: split at %d places of %d", path, split, info.Size())
		}
	}
}

// Some recordings in five pieces tell what they tell as a whole.
func TestSplitRecordings(t *testing.T) {
	split := make(map[string]int)
	list := law.Recordings(t, root)
	for i := 0; i < len(list); i += 10 {
		path := list[i]
		logs := law.KeyLogs(t, path)
		t.Run(filepath.Base(path), func(t *testing.T) {
			if i%3 == 0 && len(logs) == 0 {
				path = asPcap(t, path)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			var at []int64
			for i := range int64(4) {
				at = append(at, (i+1)*info.Size()/5)
			}
			if len(pieces(t, File{Path: path}, at)) > 1 {
				split[filepath.Ext(path)]++
			}
			cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: logs}
			law.Compare(t, law.Plain(t, []string{path}, cfg), inParts(t, inRuns([]string{path}, 1), cfg, 1, at...))
		})
	}
	if split[".pcap"] < 2 || split[".pcapng"] < 3 {
		t.Errorf("only %v of the recordings are split", split)
	}
}

// Payloads look like records that lead to the true ones: only who reads from the beginning knows better.
func TestSplitIsNotFooled(t *testing.T) {
	record := func(payload []byte) []byte {
		b := binary.LittleEndian.AppendUint32(nil, 1_700_000_000)
		b = binary.LittleEndian.AppendUint32(b, 7)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
		return append(b, payload...)
	}
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	file = append(file, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	for range 300 {
		file = append(file, record(slices.Concat(record(make([]byte, 60)), record(make([]byte, 1300))))...)
	}
	path := filepath.Join(t.TempDir(), "fooling.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	want := packetsOf(t, []File{{Path: path}})
	if len(want) != 300 {
		t.Fatalf("%d packets", len(want))
	}
	fooled := 0
	for at := int64(100_000); at < 103_000; at += 97 {
		p := File{Path: path, Begin: at, End: int64(len(file))}
		if begin := Walk(p, bytes.NewReader(file), int64(len(file))).Begin; (begin-24)%(16+16+60+16+1300) != 0 {
			fooled++
		}
		if got := packetsOf(t, pieces(t, File{Path: path}, []int64{at, at + 1, at + 200_000})); !slices.Equal(want,
			got) {
			t.Fatalf("split at %d: %d packets", at, len(got))
		}
	}
	if fooled == 0 {
		t.Error("nobody was fooled: the test shows nothing")
	}
}

// What cannot be read from the middle is one piece.
func TestNotSplit(t *testing.T) {
	path := root + "/testdata/captures/gorilla-plain.pcapng"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, octets := range map[string][]byte{
		"cut off":      b[:len(b)-3],
		"two sections": slices.Concat(b, b),
		"a text":       bytes.Repeat([]byte("no capture "), 100),
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, octets, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := pieces(t, File{Path: path}, []int64{500, 600}); len(got) != 1 || got[0].End != 0 ||
			got[0].Begin != 0 {
			t.Errorf("%s: %d pieces", name, len(got))
		}
	}
}

// What is wrong with a packet is said of the file, at its place in the file, also where that is read in pieces.
func TestProblemInPiece(t *testing.T) {
	order := binary.LittleEndian
	var file []byte
	block := func(kind uint32, body []byte) {
		length := uint32(len(body)) + 12
		file = order.AppendUint32(order.AppendUint32(file, kind), length)
		file = order.AppendUint32(append(file, body...), length)
	}
	block(0x0a0d0d0a, []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255})
	block(1, []byte{1, 0, 0, 0, 0, 0, 4, 0})
	for i := range 40 {
		packet := make([]byte, 20+60)
		packet[4+3], packet[12], packet[16] = byte(i), 60, 60
		if i == 30 {
			packet = append(packet, 1, 0, 0xff, 0xff) // an option that is longer than its block
		}
		block(6, packet)
	}
	path := filepath.Join(t.TempDir(), "file.pcapng")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	problems := func(files []File) (all []Problem) {
		t.Helper()
		for _, f := range files {
			l, err := Look(f, OpenLocal, func(Flow, Held) {})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, l.Problems...)
		}
		return all
	}
	want := problems([]File{{Path: path}})
	list := pieces(t, File{Path: path}, []int64{1000, 2000})
	if len(want) != 1 || len(list) != 3 {
		t.Fatalf("%v in %d pieces", want, len(list))
	}
	want[0].Text, _, _ = strings.Cut(want[0].Text, ";") // how many packets are before it no piece knows
	if got := problems(list); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
