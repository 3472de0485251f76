package capture

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spell makes a pcap file whose packets hold their second and a name.
func spell(name string, seconds ...uint32) []byte {
	var all []sample
	for _, s := range seconds {
		all = append(all, sample{seconds: s, data: fmt.Sprint(name, s)})
	}
	return pcapFile(littleEndian, magicMicro, all...)
}

func TestTimelineOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		files []string // name, then seconds
		want  string
	}{
		"rotated, named in order":     {[]string{"a 1 2", "b 3 4", "c 5 6"}, "a1 a2 b3 b4 c5 c6"},
		"rotated, named backwards":    {[]string{"c 5 6", "b 3 4", "a 1 2"}, "a1 a2 b3 b4 c5 c6"},
		"overlapping":                 {[]string{"a 1 4 7", "b 2 5 8", "c 3 6 9"}, "a1 b2 c3 a4 b5 c6 a7 b8 c9"},
		"one inside the other":        {[]string{"a 1 9", "b 3 4"}, "a1 b3 b4 a9"},
		"equal times":                 {[]string{"b 1 1 2", "a 1 2 2"}, "b1 b1 a1 b2 a2 a2"},
		"a clock that steps back":     {[]string{"a 5 2 6", "b 4 7"}, "b4 a5 a2 a6 b7"},
		"a file without packets":      {[]string{"a 1", "b", "c 2"}, "a1 c2"},
		"a clock that steps far back": {[]string{"a 3 1 2", "b 1 2"}, "b1 b2 a3 a1 a2"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var paths []string
			for _, f := range tt.files {
				var title string
				var seconds []uint32
				for i, word := range strings.Fields(f) {
					if i == 0 {
						title = word
						continue
					}
					seconds = append(seconds, uint32(word[0]-'0'))
				}
				paths = append(paths, store(t, dir, title, spell(title, seconds...)))
			}
			r := readAll(t, nil, paths...)
			if got := strings.Join(r.texts(), " "); got != tt.want || len(r.Problems) > 0 {
				t.Errorf("%s %v\nwant %s", got, r.Problems, tt.want)
			}
			for _, p := range r.Packets {
				if want := tt.files[p.File][0]; p.Data[0] != want {
					t.Errorf("packet %q is of file %c", p.Data, want)
				}
			}
		})
	}
}

// TestTimelineMixed puts every kind of input on one timeline.
func TestTimelineMixed(t *testing.T) {
	dir := t.TempDir()
	paths := []string{
		store(t, dir, "a.pcap", spell("a", 1, 6)),
		stdin,
		store(t, dir, "c.pcapng", pcapngFile(bigEndian, sample{seconds: 3, data: "c3"}, sample{seconds: 8, data: "c8"})),
		store(t, dir, "d.pcap.gz", gzipOf(t, spell("d", 4, 9))),
		store(t, dir, "e.zst", zstdOf(t, spell("e", 2, 7))),
	}
	r := readAll(t, bytes.NewReader(spell("b", 0, 5)), paths...)
	if got := strings.Join(r.texts(), " "); got != "b0 a1 e2 c3 d4 b5 a6 e7 c8 d9" || len(r.Problems) > 0 {
		t.Error(got, r.Problems)
	}
}

// TestDamageEndsOneFile lets the others go on.
func TestDamageEndsOneFile(t *testing.T) {
	dir := t.TempDir()
	whole := spell("a", 1, 4)
	a := store(t, dir, "a", whole[:len(whole)-1])
	b := store(t, dir, "b", spell("b", 2, 5))
	c := store(t, dir, "c", spell("c", 3)[:30])
	r := readAll(t, nil, a, b, c)
	want := []string{
		c + ": cut off inside the header of packet 1 at offset 24 (has 6 of 16 octets); no packet before it was read",
		a + ": cut off inside packet 2 at offset 42 (has 17 of 18 octets); 1 packet before it was read",
	}
	if diff := cmp.Diff(want, r.Problems); diff != "" || strings.Join(r.texts(), " ") != "a1 b2 b5" {
		t.Error(diff, r.texts())
	}
}

// TestManyFiles reads rotated files, of which no two are ever open together.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	const files = 300
	for i := range files {
		store(t, dir, fmt.Sprintf("%03d.pcap", files-i), spell("f", uint32(3*i), uint32(3*i+1), uint32(3*i+2)))
	}
	r := new(run)
	s, err := Open([]string{dir}, r.options())
	if err != nil {
		t.Fatal(err)
	}
	tl := s.(*timeline)
	var b Batch
	packets := 0
	for s.Read(&b) == nil {
		for _, p := range b.Packets {
			if p.Time != int64(packets)*1e9 {
				t.Fatalf("packet %d at %d", packets, p.Time)
			}
			packets++
		}
		open := 0
		for _, s := range tl.streams {
			if s.in != nil {
				open++
			}
		}
		if open > 1 {
			t.Fatalf("%d files open", open)
		}
	}
	if read, total := s.Progress(); packets != 3*files || read != total || total == 0 || len(r.Problems) > 0 {
		t.Error(packets, read, total, r.Problems)
	}
}

// TestBatchesOutliveReading holds many batches, reads on, closes the source, and still finds what was delivered.
func TestBatchesOutliveReading(t *testing.T) {
	var all []sample
	for i := range 3000 {
		all = append(all, sample{seconds: uint32(i), data: strings.Repeat(fmt.Sprintf("%08d", i), 100)})
	}
	file := pcapFile(littleEndian, magicMicro, all...)
	path := store(t, t.TempDir(), "big.pcap", file)
	for _, paths := range [][]string{{path}, {stdin}, {path, stdin}} {
		s, err := Open(paths, Options{Stdin: bytes.NewReader(gzipOf(t, file))})
		if err != nil {
			t.Fatal(err)
		}
		var batches []*Batch
		for {
			b := new(Batch)
			if s.Read(b) == io.EOF {
				break
			}
			batches = append(batches, b)
		}
		s.Close()
		packets := 0
		released := make(chan int)
		for _, b := range batches {
			go func() {
				for _, p := range b.Packets {
					if want := all[p.Number-1].data; string(p.Data) != want {
						t.Errorf("packet %d of file %d is not what was written", p.Number, p.File)
					}
				}
				n := len(b.Packets)
				b.Release()
				b.Release() // does nothing more
				released <- n
			}()
		}
		for range batches {
			packets += <-released
		}
		if packets != len(paths)*len(all) {
			t.Errorf("%d packets", packets)
		}
	}
}

// TestPipeIsFollowed sees that packets are delivered as they arrive, before the pipe says more.
func TestPipeIsFollowed(t *testing.T) {
	r, w := io.Pipe()
	file := spell("p", 1, 2, 3)
	step := make(chan struct{})
	go func() {
		w.Write(file[:24+18+18+5])
		<-step
		w.Write(file[24+18+18+5:])
		w.Close()
	}()
	s, err := Open([]string{stdin}, Options{Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	if err := s.Read(&b); err != nil || len(b.Packets) != 2 {
		t.Fatal(err, b.Packets)
	}
	close(step)
	if err := s.Read(&b); err != nil || len(b.Packets) != 1 {
		t.Fatal(err, b.Packets)
	}
	if err := s.Read(&b); err != io.EOF || len(b.Packets) != 0 {
		t.Fatal(err, b.Packets)
	}
}

func TestFileVanishesBeforeItsTime(t *testing.T) {
	dir := t.TempDir()
	a, b := store(t, dir, "a", spell("a", 1)), store(t, dir, "b", spell("b", 2))
	r := new(run)
	s, err := Open([]string{a, b}, r.options())
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(b)
	if err := r.drain(s); err != nil || len(r.Packets) != 1 || len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0], b+": open ") {
		t.Error(err, r.Problems)
	}
}

// TestMemoryStaysFlat reads far more than it may hold, and releases nothing but by reading on.
func TestMemoryStaysFlat(t *testing.T) {
	file := pcapFile(littleEndian, magicMicro, samples(50)...)
	path := filepath.Join(t.TempDir(), "long.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Write(file)
	for range 10_000 {
		f.Write(file[pcapHeader:])
	}
	f.Close()
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := allocated(func() {
		var b Batch
		for s.Read(&b) == nil {
		}
	}); got > 16<<20 {
		t.Errorf("reading 30 MB allocated %d octets", got)
	}
}

// allocated gives the octets that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
