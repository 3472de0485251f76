package capture

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"wshake/testdata/need"
)

func TestOpenForeign(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	erf := "\x01\x02\x03\x04\x05\x06\x07\x08\x02\x04\x00\x14\x00\x00\x00\x04abcd"
	etl := "\x00\x00\x01\x00\x80\x04\x00\x00\x80\x04\x00\x00" + zeros(80)
	for name, tt := range map[string]struct{ file, want string }{
		"empty":           {"", "the file is empty"},
		"three octets":    {"\xd4\xc3\xb2", "the file has only 3 octets"},
		"zeros":           {zeros(5000), "the file begins with zeros"},
		"text":            {"12:00:00 IP 10.0.0.1 > 10.0.0.2: tcp\n", "looks like text"},
		"cut in a rune":   {strings.Repeat("x", 4095) + "é", "looks like text"},
		"HTML":            {"\n<!DOCTYPE html><html>", "looks like HTML"},
		"XML":             {"\ufeff<?xml version='1.0'?><pdml>", "looks like XML"},
		"JSON":            {`[{"_index": "packets-2024"}]`, "looks like JSON"},
		"HAR":             {`{"log": {"version": "1.2", "creator": {}}}`, "looks like an HTTP archive (HAR)"},
		"key log":         {"CLIENT_RANDOM 00 11\n", "looks like a TLS key log"},
		"ELF":             {"\x7fELF\x02\x01\x01", "looks like an ELF program"},
		"ZIP":             {"PK\x03\x04\x14\x00", "looks like a ZIP archive"},
		"snoop":           {"snoop\x00\x00\x00\x00\x00\x00\x02", "looks like a snoop capture (RFC 1761)"},
		"NetMon":          {"GMBU\x00\x02", "looks like a Microsoft Network Monitor 2 capture"},
		"NetXRay":         {"XCP\x00002.001", "looks like a NetXRay or Sniffer capture"},
		"ERF":             {erf + erf, "looks like an Endace ERF capture"},
		"ETL":             {etl, "looks like a Windows event trace (ETL); etl2pcapng converts it"},
		"something else":  {"\x01\x02\x03\x04\x05\x06\x07\x08\x09", "unknown data, beginning with 01 02 03 04 05 06 07 08"},
		"compressed text": {string(gzipOf(t, []byte("hello\n"))), "looks like text, compressed"},
	} {
		path := store(t, t.TempDir(), "named.pcap", []byte(tt.file))
		want := path + ": not a capture: " + tt.want
		if _, err := Open([]string{path}, Options{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
}

// TestOpenJoinsErrors tells of every path that cannot be read, not of the first.
func TestOpenJoinsErrors(t *testing.T) {
	dir := t.TempDir()
	good := store(t, dir, "good", spell("a", 1))
	text := store(t, dir, "text", []byte("text"))
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	bad := []string{text, filepath.Join(dir, "missing"), empty}
	_, err := Open(bad, Options{})
	if !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "\n") != 2 {
		t.Fatal(err)
	}
	for _, want := range []string{"text: not a capture: looks like text", "empty: no captures in this directory"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
	var problems []string
	src, err := Open(append(bad, good), Options{Problem: func(p *Problem) { problems = append(problems, p.Error()) }})
	if err != nil || len(problems) != 3 {
		t.Fatalf("beside a good path: %v, problems %q", err, problems)
	}
	defer src.Close()
	var b Batch
	if err := src.Read(&b); err != nil || len(b.Packets) != 1 {
		t.Errorf("the good path was not read: %v, %d packets", err, len(b.Packets))
	}
	if _, err := Open(nil, Options{}); err == nil {
		t.Error("no path is no error")
	}
}

func TestOpenDirectory(t *testing.T) {
	dir := t.TempDir()
	want := []string{
		store(t, dir, "a.pcap", spell("a", 1)),
		store(t, dir, "b/9-00007", spell("d", 9)),
		store(t, dir, "b/9-99999", spell("d", 9)),
		store(t, dir, "b/9-100000", spell("d", 9, 9)),
		store(t, dir, "b/c.gz", gzipOf(t, spell("c", 2))),
		store(t, dir, "b/z.log", pcapngFile(bigEndian, sample{data: "z"})),
		store(t, dir, "named like text.txt", zstdOf(t, spell("n", 3))),
	}
	store(t, dir, "b/notes.pcap", []byte("not what its name says"))
	store(t, dir, "b/empty.pcap", nil)
	store(t, dir, "readme.gz", gzipOf(t, []byte("text")))
	store(t, dir, "cut.gz", gzipOf(t, spell("a", 1))[:9])
	r := new(run)
	s, err := Open([]string{dir}, r.options())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.Names()); diff != "" {
		t.Error(diff)
	}
	if err := r.drain(s); err != nil || len(r.Packets) != 8 || len(r.Problems) > 0 {
		t.Error(err, r.Packets, r.Problems)
	}
}

func TestCompareNames(t *testing.T) {
	names := []string{"", "/", "/9", "0", "01", "1", "1a", "2", "10", "a", "a/9", "a/10", "a-9", "a-10", "a-10/1",
		"a-99999.x",
		"a-100000.x", "a-18446744073709551616", "a-18446744073709551617", "aa", "b"}
	for i, a := range names {
		for j, b := range names {
			if got := CompareNames(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	a := store(t, dir, "a", spell("a", 1))
	b := store(t, dir, "b", spell("b", 2)) // as large as a
	link := filepath.Join(dir, "link")
	if err := os.Symlink(a, link); err != nil {
		need.Lacking(t, err.Error())
	}
	r := readAll(t, bytes.NewReader(spell("s", 3)), a, b, dir+"/./a", link, stdin, stdin)
	want := []string{dir + "/./a: named twice, read once", link + ": named twice, read once", "standard input: named twice, read once"}
	if diff := cmp.Diff(want, r.Problems); diff != "" || strings.Join(r.texts(), " ") != "a1 b2 s3" {
		t.Error(diff, r.texts())
	}
	linked := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(dir, linked); err != nil {
		need.Lacking(t, err.Error())
	}
	if r = readAll(t, nil, b, linked); strings.Join(r.texts(), " ") != "a1 b2" || len(r.Problems) != 2 {
		t.Error(r.texts(), r.Problems)
	}
}

func TestStandardInputOctetByOctet(t *testing.T) {
	for _, file := range [][]byte{pcapFile(bigEndian, magicNano, samples(60)...), pcapngFile(bigEndian, samples(60)...)} {
		want := readBytes(t, file)
		got := readAll(t, iotest.OneByteReader(bytes.NewReader(file)), stdin)
		if diff := cmp.Diff(want.Packets, got.Packets); diff != "" || len(got.Packets) != 60 {
			t.Error(diff)
		}
	}
}

func TestProgress(t *testing.T) {
	path := store(t, t.TempDir(), "a", spell("a", 1, 2))
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if read, total := s.Progress(); read != 0 || total != 60 {
		t.Error(read, total)
	}
	if err := new(run).drain(s); err != nil {
		t.Fatal(err)
	}
	if read, total := s.Progress(); read != 60 || total != 60 {
		t.Error(read, total)
	}
	s, err = Open([]string{path, stdin}, Options{Stdin: bytes.NewReader(spell("s", 1))})
	if err != nil {
		t.Fatal(err)
	}
	if err := new(run).drain(s); err != nil {
		t.Fatal(err)
	}
	if read, total := s.Progress(); read != 60+42 || total != 0 {
		t.Error(read, total)
	}
}
