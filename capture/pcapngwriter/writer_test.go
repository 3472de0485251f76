package pcapngwriter

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wshake/capture"
	"wshake/testdata/need"
)

func packets(n int) (list []capture.Packet) {
	for i := range n {
		list = append(list, capture.Packet{
			Data: bytes.Repeat([]byte{byte(i)}, 50+i%7), Time: 1_700_000_000_123_456_789 + int64(i)*1e9, Length: uint32(60 + i%7), Link: 1,
		})
	}
	return list
}

// read reads a file back.
func read(t *testing.T, path string) (list []capture.Packet) {
	t.Helper()
	source, err := capture.Open([]string{path}, capture.Options{Problem: func(p *capture.Problem) { t.Error(p) }})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for {
		var b capture.Batch
		err := source.Read(&b)
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b.Packets...)
	}
}

func same(a, b capture.Packet) bool {
	return bytes.Equal(a.Data, b.Data) && a.Time == b.Time && a.Length == b.Length && a.Link == b.Link
}

func write(t *testing.T, w *Writer, list []capture.Packet) {
	t.Helper()
	if err := w.Write(list, []string{"eth0", "lo"}); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, r Rotation) *Writer {
	t.Helper()
	w, err := Create(filepath.Join(t.TempDir(), "dump.pcapng"), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	w := create(t, Rotation{})
	if got := read(t, w.Path()); len(got) != 0 {
		t.Errorf("%d packets before the first", len(got))
	}
	list := packets(100)
	list[3].Link, list[4].File = 276, 1
	list[6].Data = nil
	for part := range slices.Chunk(list, 7) {
		write(t, w, part)
	}
	// Before Close: nothing is held back.
	if got := read(t, w.Path()); !slices.EqualFunc(got, list, same) {
		t.Errorf("got %v\nwant %v", got[:8], list[:8])
	}
}

func TestInterfacesHaveNames(t *testing.T) {
	w := create(t, Rotation{})
	list := packets(3)
	list[1].File, list[2].File = 1, 7
	write(t, w, list)
	octets, err := os.ReadFile(w.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x02\x00\x04\x00eth0", "\x02\x00\x02\x00lo\x00\x00", "\x09\x00\x01\x00\x09\x00\x00\x00"} {
		if !bytes.Contains(octets, []byte(want)) {
			t.Errorf("no option %q", want)
		}
	}
}

func TestRotation(t *testing.T) {
	for _, c := range []struct {
		name     string
		rotation Rotation
		want     []int // packets by file
	}{
		{"none", Rotation{}, []int{20}},
		{"by size", Rotation{Size: 900}, []int{9, 9, 2}},
		{"by a size that no packet fits", Rotation{Size: 1}, slices.Repeat([]int{1}, 20)},
		{"by time", Rotation{Time: 5 * time.Second}, []int{6, 6, 6, 2}},
		{"by time, two kept", Rotation{Time: 5 * time.Second, Keep: 2}, []int{6, 2}},
		{"by size, one kept", Rotation{Size: 900, Keep: 1}, []int{2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := create(t, c.rotation)
			list := packets(20)
			for part := range slices.Chunk(list, 3) {
				write(t, w, part)
			}
			files, err := filepath.Glob(filepath.Join(filepath.Dir(w.Path()), "*"))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(files)
			var counts []int
			var all []capture.Packet
			for _, f := range files {
				got := read(t, f)
				counts = append(counts, len(got))
				all = append(all, got...)
				if info, err := os.Stat(f); err != nil || c.rotation.Size > 1 && info.Size() > c.rotation.Size {
					t.Errorf("%s has %d octets", f, info.Size())
				}
			}
			if !slices.Equal(counts, c.want) {
				t.Errorf("packets by file: %v, want %v\n%s", counts, c.want, strings.Join(files, "\n"))
			}
			if !slices.EqualFunc(all, list[20-len(all):], same) {
				t.Error("the packets differ")
			}
		})
	}
}

func TestNamesOfFiles(t *testing.T) {
	for _, c := range []struct {
		base string
		r    Rotation
		want string
	}{
		{"a/dump.pcapng", Rotation{}, "a/dump.pcapng"},
		{"a/dump.pcapng", Rotation{Keep: 3}, "a/dump.pcapng"},
		{"a/dump.pcapng", Rotation{Size: 1}, "a/dump-00002.pcapng"},
		{"a.b/dump", Rotation{Time: 1}, "a.b/dump-00002"},
	} {
		if got := c.r.Path(c.base, 2); got != c.want {
			t.Errorf("%s, %+v: %s, want %s", c.base, c.r, got, c.want)
		}
	}
}

// A file that exists is evidence of something.
func TestNothingIsOverwritten(t *testing.T) {
	base := filepath.Join(t.TempDir(), "dump.pcapng")
	for _, name := range []string{base, strings.Replace(base, "dump", "dump-00002", 1)} {
		if err := os.WriteFile(name, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Create(base, Rotation{}, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v", err)
	}
	w, err := Create(base, Rotation{Size: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Write(packets(2), nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v", err)
	}
	if info, err := os.Stat(w.rotation.Path(base, 1)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestPathsOfARotation(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"dump.pcapng", "dump-00003.pcapng", "dump-3.pcapng", "dump-00004.pcap", "dump-123456.pcapng", "dump-0000x.pcapng", "other-00002.pcapng"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		r    Rotation
		want []string
	}{
		{Rotation{}, []string{"dump.pcapng"}},
		{Rotation{Size: 1}, []string{"dump-00001.pcapng", "dump-00003.pcapng", "dump-123456.pcapng"}},
	} {
		got := c.r.Paths(filepath.Join(dir, "dump.pcapng"))
		for i := range got {
			got[i] = filepath.Base(got[i])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.r, got, c.want)
		}
	}
}

// disk is full after some octets.
type disk struct {
	octets []byte
	room   int
}

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.room-len(d.octets))
	d.octets = append(d.octets, b[:n]...)
	if n < len(b) {
		return n, &os.PathError{Op: "write", Path: "dump.pcapng", Err: syscall.ENOSPC}
	}
	return n, nil
}

func (d *disk) Truncate(n int64) error { d.octets = d.octets[:n]; return nil }
func (d *disk) Close() error           { return nil }

func TestAFullDiskLeavesAReadableFile(t *testing.T) {
	list := packets(10)
	for room := 500; room < 900; room++ {
		d := &disk{room: room}
		w := &Writer{file: d, empty: true, pending: appendSection(nil)}
		var err error
		for part := range slices.Chunk(list, 3) {
			if err = w.Write(part, nil); err != nil {
				break
			}
		}
		if err == nil {
			continue // all fits
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "dump.pcapng") {
			t.Fatalf("error %v", err)
		}
		if again := w.Write(list[:1], nil); again != err {
			t.Fatalf("after %v: %v", err, again)
		}
		path := filepath.Join(t.TempDir(), "dump.pcapng")
		if err := os.WriteFile(path, d.octets, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); len(got) < 3 || !slices.EqualFunc(got, list[:len(got)], same) {
			t.Fatalf("room for %d octets: %d packets", room, len(got))
		}
	}
}

func TestTheSystemsErrorNamesTheFile(t *testing.T) {
	_, err := Create(filepath.Join(t.TempDir(), "none", "dump.pcapng"), Rotation{}, nil)
	if err == nil || !strings.Contains(err.Error(), filepath.Join("none", "dump.pcapng")) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		need.Lacking(t, "no /dev/full here")
	}
	device := func(path string) (File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }
	if _, err = Create("/dev/full", Rotation{}, device); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/dev/full") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "dump.pcapng"), Rotation{Size: 64 << 20, Keep: 1}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	list := packets(512)
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(list) {
		if err := w.Write(list, nil); err != nil {
			b.Fatal(err)
		}
	}
}
