package capture

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pieces are files of every kind and byte order, each with packets that say which.
func pieces() map[string][]byte {
	all := make(map[string][]byte)
	for _, o := range orders {
		name := [...]string{"little", "big"}[o]
		for kind, magic := range map[string]uint32{"micro": magicMicro, "nano": magicNano, "modified": magicModified} {
			all[kind+" "+name] = pcapFile(o, magic, sample{1700000000, 1, kind + " " + name + " 1", 0}, sample{1700000001, 2, kind + " " + name + " 2", 0})
		}
		all["pcapng "+name] = new(ng2).as(o).section(-1).iface(1, 0).enhanced(0, 1700000000e6, "pcapng "+name+" 1").
			enhanced(0, 1700000001e6, "pcapng "+name+" 2").buf
		all["empty "+name] = pcapFile(o, magicMicro)
	}
	return all
}

// ng2 makes a writer of pcapng in a byte order.
type ng2 struct{}

func (*ng2) as(o order) *ng { return &ng{order: o} }

func textsOf(name string) []string {
	if strings.HasPrefix(name, "empty") {
		return []string{}
	}
	return []string{name + " 1", name + " 2"}
}

// A file behind another, of any kind and byte order, is read on, its packets are numbered on, and it is said once
// where it begins; plain, from a pipe, and in a member of gzip.
func TestConcatenatedFiles(t *testing.T) {
	all := pieces()
	for a, first := range all {
		for b, second := range all {
			file := slices.Concat(first, second)
			var problems []string
			if !strings.HasPrefix(a, "pcapng") || !strings.HasPrefix(b, "pcapng") { // sections of pcapng are a file
				problems = []string{fmt.Sprintf("standard input: %v at offset %d", errAnotherFile, len(first))}
			}
			texts := append(textsOf(a), textsOf(b)...)
			for how, file := range map[string][]byte{"plain": file, "gzip": append(gzipOf(t, first), gzipOf(t, second)...), "zstd": append(zstdOf(t, first), zstdOf(t, second)...)} {
				r := readBytes(t, file)
				if diff := cmp.Diff(problems, r.Problems) + cmp.Diff(texts, r.texts()); diff != "" {
					t.Errorf("%s and %s, %s: %s", a, b, how, diff)
				}
				for i, p := range r.Packets {
					if p.Number != uint64(i+1) || p.Time/1e9 != 1700000000+int64(i%2) {
						t.Errorf("%s and %s, %s: %+v", a, b, how, p)
					}
				}
				if len(r.problems) > 0 && !r.problems[0].Harmless {
					t.Errorf("%s and %s, %s: all is read, yet it counts as damage", a, b, how)
				}
			}
		}
	}
}

// A packet captured at the time that reads like a magic number is a packet.
func TestTimeLikeAMagicNumber(t *testing.T) {
	for _, o := range orders {
		file := pcapFile(o, magicMicro, sample{magicMicro, 4, "in 2055", 0}, sample{magicNano, 0x00040002, "later", 0}, sample{0xd4c3b2a1, 0, "2083", 0})
		if r := readBytes(t, file); len(r.Packets) != 3 || len(r.Problems) > 0 {
			t.Errorf("%d packets, %v", len(r.Packets), r.Problems)
		}
	}
}

// Damage in the middle of a file costs the packets that it hits, and is reported with its place; what stands before
// and behind is read.
func TestDamageInTheMiddle(t *testing.T) {
	const n = 3000 // several views of a search
	list := samples(n)
	for i := range list {
		list[i].data = fmt.Sprintf("packet %04d ", i) + strings.Repeat("x", i*7%400)
		list[i].seconds, list[i].fraction = 1700000000+uint32(i), uint32(i)
	}
	large := sample{1700000100, 0, strings.Repeat("large", 30_000), 0}
	list = slices.Insert(list, 100, large)
	type file struct {
		octets []byte
		starts []int // of the records
		header int   // of a record
	}
	files := make(map[string]file)
	for _, o := range orders {
		for kind, magic := range map[string]uint32{"micro": magicMicro, "modified": magicModified} {
			f := file{header: pcapRecord}
			if magic == magicModified {
				f.header = modifiedRecord
			}
			at := pcapHeader
			for _, p := range list {
				f.starts = append(f.starts, at)
				at += f.header + len(p.data)
			}
			f.octets = pcapFile(o, magic, list...)
			files[fmt.Sprint(kind, o)] = f
		}
		f := file{header: 28}
		at := len(pcapngFile(o))
		for _, p := range list {
			f.starts = append(f.starts, at)
			at += 32 + (len(p.data)+3)&^3
		}
		f.octets = pcapngFile(o, list...)
		files[fmt.Sprint("pcapng", o)] = f
	}
	for kind, f := range files {
		for name, damage := range map[string]struct {
			do   func(b []byte, starts []int) []byte
			lost int // packets, at most
		}{
			"header overwritten": {func(b []byte, s []int) []byte { copy(b[s[50]:], bytes.Repeat([]byte{0xff}, f.header)); return b }, 1},
			"header zeroed":      {func(b []byte, s []int) []byte { clear(b[s[50] : s[50]+f.header]); return b }, 1},
			"ten packets overwritten": {func(b []byte, s []int) []byte {
				copy(b[s[50]:s[60]], bytes.Repeat([]byte("garbage, "), 1000))
				return b
			}, 10},
			"octets lost": {func(b []byte, s []int) []byte { return slices.Delete(b, s[50]+5, s[52]+9) }, 3},
			"octets put in": {func(b []byte, s []int) []byte {
				return slices.Insert(b, s[50], []byte("put in, and no multiple of 4")...)
			}, 0},
			// Its length takes others with it, except in pcapng, which gives it twice.
			"large cut short": {func(b []byte, s []int) []byte { return slices.Delete(b, s[100]+999, s[101]-500) }, lostWithLarge(f.header)},
			"near the end":    {func(b []byte, s []int) []byte { copy(b[s[n-1]:], bytes.Repeat([]byte{0xfe}, f.header)); return b }, 1},
			"twice": {func(b []byte, s []int) []byte {
				copy(b[s[2000]:], bytes.Repeat([]byte{0xff}, f.header))
				copy(b[s[50]:], bytes.Repeat([]byte{0xff}, f.header))
				return b
			}, 2},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				octets := damage.do(bytes.Clone(f.octets), f.starts)
				r := readBytes(t, octets)
				read := make(map[string]bool)
				for _, p := range r.Packets {
					read[string(p.Data)] = true
				}
				var missing []int
				for i, p := range list {
					if !read[p.data] {
						missing = append(missing, i)
					}
				}
				if len(missing) > damage.lost || len(r.Problems) == 0 {
					t.Errorf("%d of %d packets are missing (%v), %v", len(missing), len(list), missing[:min(len(missing), 9)], r.Problems)
				}
				if invented := len(r.Packets) - (len(list) - len(missing)); invented > 1 {
					t.Errorf("%d packets that are none", invented)
				}
				for _, p := range r.problems {
					if p.Harmless || p.Offset < int64(f.starts[50]) && name != "octets put in" {
						t.Errorf("%+v", p)
					}
				}
				if diff := cmp.Diff(r.Problems, shreddedProblems(octets)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func lostWithLarge(header int) int {
	if header == pcapRecord || header == modifiedRecord {
		return 150_000 / 200
	}
	return 1
}

// shreddedProblems reads a file as it comes in pieces.
func shreddedProblems(file []byte) []string {
	return shredded(formatOf(file), file, []byte{255, 13, 0, 200}, 4000).Problems
}

// A capture inside of packets, as of a download, is not taken for packets where damage is searched through.
func TestCaptureInsidePackets(t *testing.T) {
	inner := make([]sample, 20)
	for i := range inner {
		inner[i] = sample{1700000000, uint32(i), fmt.Sprint("inner ", i), 0}
	}
	for _, o := range orders {
		download := pcapFile(o, magicMicro, inner...)
		var list []sample
		for i := range 200 {
			list = append(list, sample{1700000000 + uint32(i), 0, fmt.Sprint("outer ", i, " ", string(download), " and more"), 0})
		}
		file := pcapFile(o, magicMicro, list...)
		copy(file[pcapHeader:], bytes.Repeat([]byte{0xff}, pcapRecord))
		r := readBytes(t, file)
		if len(r.Packets) != 199 || len(r.Problems) != 1 {
			t.Errorf("%d packets, %v", len(r.Packets), r.Problems)
		}
		for _, p := range r.Packets {
			if !bytes.HasPrefix(p.Data, []byte("outer")) {
				t.Fatalf("read %q", p.Data)
			}
		}
	}
}

// Nanoseconds under the magic number of microseconds are recognised and said once; one odd packet is none of that.
func TestNanosecondsUnderTheWrongMagic(t *testing.T) {
	const second = 1700000000
	for _, o := range orders {
		for name, test := range map[string]struct {
			fractions []uint32
			times     []int64
			said      int
		}{
			"from the first":   {[]uint32{583159000, 583171000, 12}, []int64{583159000, 583171000, 12}, 1},
			"from the second":  {[]uint32{999, 583171000, 999999999}, []int64{999000, 583171000, 999999999}, 1},
			"microseconds":     {[]uint32{999999, 0, 1}, []int64{999999000, 0, 1000}, 0},
			"one packet alone": {[]uint32{583159000}, []int64{583159000}, 1},
		} {
			var list []sample
			for _, f := range test.fractions {
				list = append(list, sample{second, f, "packet", 0})
			}
			r := readBytes(t, pcapFile(o, magicMicro, list...))
			if len(r.Packets) != len(list) || len(r.Problems) != test.said || test.said > 0 && !r.problems[0].Harmless {
				t.Errorf("%s: %d packets, %v", name, len(r.Packets), r.Problems)
				continue
			}
			for i, want := range test.times {
				if got := r.Packets[i].Time - second*1e9; got != want {
					t.Errorf("%s: packet %d at %d, want %d", name, i+1, got, want)
				}
			}
		}
	}
	list := samples(100)
	list[80].fraction = 5_000_000
	if r := readBytes(t, pcapFile(littleEndian, magicMicro, list...)); len(r.Packets) != 100 || r.Packets[99].Time != 1700000000*1e9+99e6 {
		t.Errorf("one odd packet: %v, %v", r.Packets[99].Time, r.Problems)
	}
}
