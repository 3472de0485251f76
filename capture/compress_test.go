package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"wshake/testdata/need"
)

func gzipOf(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstdOf(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func TestCompressed(t *testing.T) {
	plain := pcapFile(littleEndian, magicMicro, samples(3000)...)
	gz, zst := func(b []byte) []byte { return gzipOf(t, b) }, func(b []byte) []byte { return zstdOf(t, b) }
	half := len(plain) / 2
	skippable := []byte{0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'}
	want := strings.Join(readBytes(t, plain).texts(), "")
	for name, file := range map[string][]byte{
		"gzip":                      gz(plain),
		"gzip of two members":       append(gz(plain[:half]), gz(plain[half:])...),
		"gzip with an empty member": append(append(gz(plain[:7]), gz(nil)...), gz(plain[7:])...),
		"zstd":                      zst(plain),
		"zstd of two frames":        append(zst(plain[:half]), zst(plain[half:])...),
		"zstd after a skippable":    append(skippable, zst(plain)...),
		"gzip in gzip":              gz(gz(plain)),
		"gzip in zstd":              zst(gz(plain)),
		"zstd in gzip":              gz(zst(plain)),
	} {
		for kind, r := range map[string]io.Reader{"whole": bytes.NewReader(file), "octet by octet": iotest.OneByteReader(bytes.NewReader(file))} {
			r := readAll(t, r, stdin)
			if got := strings.Join(r.texts(), ""); got != want || len(r.Problems) > 0 {
				t.Errorf("%s, %s: %d packets, %v", name, kind, len(r.Packets), r.Problems)
			}
		}
	}
}

func TestCompressedTooOften(t *testing.T) {
	file := gzipOf(t, gzipOf(t, zstdOf(t, spell("a", 1))))
	_, err := Open([]string{stdin}, Options{Stdin: bytes.NewReader(file)})
	if err == nil || err.Error() != "-: not a capture: it is compressed more than twice" {
		t.Error(err)
	}
}

// TestCompressedEveryCut cuts compressed files: packets of what can be decompressed are delivered, and the cut is
// named.
func TestCompressedEveryCut(t *testing.T) {
	plain := pcapFile(littleEndian, magicMicro, samples(50)...)
	for name, file := range map[string][]byte{"gzip": gzipOf(t, plain), "zstd": zstdOf(t, plain), "zstd in gzip": gzipOf(t, zstdOf(t, plain))} {
		last := 0
		step := 1
		if need.Brief() {
			step = 4
		}
		for cut := 4; cut < len(file); cut += step {
			r := readBytes(t, file[:cut])
			if len(r.problems) != 1 || !r.problems[0].Truncated || !errors.Is(r.problems[0], io.ErrUnexpectedEOF) ||
				!strings.Contains(r.Problems[0], "stream ends early") {
				t.Fatalf("%s cut at %d of %d: %v", name, cut, len(file), r.Problems)
			}
			if len(r.Packets) < last || uint64(len(r.Packets)) != r.problems[0].Packet {
				t.Fatalf("%s cut at %d of %d: %d packets, %d before; %v", name, cut, len(file), len(r.Packets), last, r.Problems)
			}
			last = len(r.Packets)
		}
	}
}

func TestCorruptCompression(t *testing.T) {
	plain := pcapFile(littleEndian, magicMicro, samples(50)...)
	gz := gzipOf(t, plain)
	gz[len(gz)-6]++ // in the checksum
	r := readBytes(t, gz)
	want := fmt.Sprintf("standard input: gzip stream: gzip: invalid checksum at offset %d; 50 packets before it were read", len(plain))
	if len(r.Packets) != 50 || len(r.Problems) != 1 || r.Problems[0] != want || r.problems[0].Truncated {
		t.Error(len(r.Packets), r.Problems)
	}
	r = readBytes(t, append(gzipOf(t, plain), "trailing rubbish"...))
	if len(r.Packets) != 50 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "gzip stream: ") {
		t.Error(len(r.Packets), r.Problems)
	}
}

// TestReadErrors ends a file by an error of its device.
func TestReadErrors(t *testing.T) {
	plain := pcapFile(littleEndian, magicMicro, samples(50)...)
	r := readAll(t, io.MultiReader(bytes.NewReader(plain), iotest.ErrReader(errors.New("disk on fire"))), stdin)
	want := fmt.Sprintf("standard input: disk on fire at offset %d; 50 packets before it were read", len(plain))
	if len(r.Packets) != 50 || len(r.Problems) != 1 || r.Problems[0] != want {
		t.Error(len(r.Packets), r.Problems)
	}
}
