package capture

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestHostileLengths feeds small files that claim much. Whatever they claim, they cost a few chunks.
func TestHostileLengths(t *testing.T) {
	w := writers[littleEndian]
	record := func(captured uint32) []byte {
		b := pcapFile(littleEndian, magicMicro, samples(3)...)
		b = w.AppendUint64(b, 1)
		b = w.AppendUint32(b, captured)
		return append(w.AppendUint32(b, captured), make([]byte, 100)...)
	}
	block := func(kind, length uint32) []byte {
		b := w.AppendUint32(pcapngFile(littleEndian, samples(3)...), kind)
		return append(w.AppendUint32(b, length), make([]byte, 100)...)
	}
	for name, file := range map[string][]byte{
		"packet at the limit":      record(MaxRecord),
		"packet over the limit":    record(MaxRecord + 1),
		"packet of 4 GiB":          record(0xffffffff),
		"block at the limit":       block(enhancedPacket, MaxRecord),
		"block of 2 GiB":           block(enhancedPacket, 1<<31),
		"secrets at the limit":     block(decryptionSecrets, MaxRecord),
		"unknown block of 4 GiB":   block(77, 0xfffffffc),
		"interface of 16 MiB":      block(interfaceDescription, MaxRecord),
		"section of 4 GiB":         block(sectionHeader, 0xfffffffc),
		"snap length of 4 GiB":     new(ng).section(-1).iface(1, 0xffffffff).simple(0xffffffff, "abcd").simple(4, "abcd").simple(4, "efgh").simple(4, "ijkl").buf,
		"a megabyte of empty ones": bytes.Repeat(new(ng).section(-1).iface(1, 0).buf, 1<<20/48),
	} {
		var r *run
		got := allocated(func() { r = readAll(t, bytes.NewReader(file), stdin) })
		if got > 4<<20 {
			t.Errorf("%s: %d octets allocated for a file of %d", name, got, len(file))
		}
		if len(file) < 10_000 && (len(r.Packets) != 3 || len(r.Problems) == 0) {
			t.Errorf("%s: %d packets, %v", name, len(r.Packets), r.Problems)
		}
	}
}

// TestLargePacket reads what is larger than a chunk, and goes on with small ones.
func TestLargePacket(t *testing.T) {
	large := string(bytes.Repeat([]byte("large"), MaxRecord/5))
	file := pcapFile(littleEndian, magicMicro, sample{1, 0, "a", 0}, sample{2, 0, large, 0}, sample{3, 0, "b", 0}, sample{4, 0, large, 0})
	r := readBytes(t, file)
	if len(r.Packets) != 4 || string(r.Packets[1].Data) != large || string(r.Packets[2].Data) != "b" || string(r.Packets[3].Data) != large {
		t.Error(len(r.Packets), r.Problems)
	}
}

// TestZstdWindow refuses a frame that wants more memory than the limit.
func TestZstdWindow(t *testing.T) {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(2*zstdWindow), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(spell("a", 1))
	w.Flush()
	io.Copy(w, bytes.NewReader(make([]byte, 1<<20)))
	w.Close()
	r := readBytes(t, out.Bytes())
	want := "standard input: zstd stream: window size exceeded at offset 0; no packet before it was read"
	if len(r.Problems) != 1 || r.Problems[0] != want {
		t.Error(r.Problems)
	}
}

// TestBomb reads a compressed file that grows a thousandfold in bounded memory.
func TestBomb(t *testing.T) {
	file := gzipOf(t, pcapFile(littleEndian, magicMicro, sample{1, 0, string(make([]byte, MaxRecord)), 0}))
	var size int
	if got := allocated(func() {
		s, err := Open([]string{stdin}, Options{Stdin: bytes.NewReader(file)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var b Batch
		if err := s.Read(&b); err != nil {
			t.Fatal(err)
		}
		size = len(b.Packets[0].Data)
	}); got > 4*MaxRecord || size != MaxRecord {
		t.Errorf("%d octets allocated for %d", got, size)
	}
}
