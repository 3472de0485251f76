package capture

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// shredder gives its octets in reads of the lengths that cuts says, over and over.
type shredder struct {
	rest []byte
	cuts []byte
	turn int
}

func (s *shredder) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := 1
	if len(s.cuts) > 0 {
		n += int(s.cuts[s.turn%len(s.cuts)])
		s.turn++
	}
	n = copy(b, s.rest[:min(n, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

// shredded reads a file through chunks of the given size, in reads cut as the cuts say, telling the window to stay dry
// before each.
func shredded(f format, file, cuts []byte, size int) *run {
	r := new(run)
	o := r.options()
	s := &stream{path: stdin, options: &o, delivered: true, release: func() {}}
	s.in = newPeekReader(&shredder{rest: file, cuts: cuts}, size)
	s.reader = newReader(f, s.in, s)
	for {
		err := s.advance(never)
		if err == errWouldBlock {
			err = s.advance(always)
		}
		s.deliverSecrets()
		if err != nil {
			return r
		}
		p := s.head
		p.Data = bytes.Clone(p.Data)
		p.Ordinal = p.Number
		r.Packets = append(r.Packets, p)
	}
}

// FuzzPcap and FuzzPcapng hold: no panic, bounded work and memory, packet numbers without a hole, and the same
// packets, problems and notes however the octets arrive.
func FuzzPcap(f *testing.F) {
	for _, o := range orders {
		for _, magic := range []uint32{magicMicro, magicNano, magicModified} {
			f.Add(pcapFile(o, magic, samples(5)...), []byte{0, 3, 200}, uint8(20))
		}
	}
	old := pcapFile(littleEndian, magicMicro, samples(5)...)
	old[6] = 3
	f.Add(old, []byte{7}, uint8(0))
	whole := pcapFile(littleEndian, magicMicro, samples(9)...)
	f.Add(append(whole[:len(whole):len(whole)], pcapngFile(bigEndian, samples(3)...)...), []byte{1, 90}, uint8(30)) // two files
	damaged := bytes.Clone(whole)
	copy(damaged[60:], "this is no packet, nor is this a header of one")
	f.Add(damaged, []byte{50}, uint8(90))
	f.Add(pcapFile(bigEndian, magicMicro, sample{1, 999_999_999, "nanoseconds", 0}, sample{2, 1, "", 9}), []byte{2}, uint8(9))
	f.Fuzz(func(t *testing.T, file, cuts []byte, size uint8) { splitInvariant(t, pcap, file, cuts, size) })
}

func FuzzPcapng(f *testing.F) {
	for _, o := range orders {
		f.Add(pcapngFile(o, samples(5)...), []byte{0, 3, 200}, uint8(20))
		g := &ng{order: o}
		g.section(-1, g.option(optComment, "c")).iface(1, 4, g.option(ifTsresol, "\xc0"), g.option(ifTsoffset, "12345678")).
			simple(9, "abcd").obsolete(0, 7, "data", g.option(optComment, "d")).secrets(1, "keys").
			block(interfaceStatistics, make([]byte, 16)).block(77, make([]byte, 100)).enhanced(0, 1<<63, "x").enhanced(3, 0, "y")
		f.Add(g.buf, []byte{}, uint8(255))
	}
	whole := pcapngFile(littleEndian, samples(9)...)
	f.Add(append(whole[:len(whole):len(whole)], pcapFile(bigEndian, magicNano, samples(3)...)...), []byte{1, 90}, uint8(30)) // two files
	damaged := bytes.Clone(whole)
	copy(damaged[100:], "this is no packet, nor is this a header of one")
	f.Add(damaged, []byte{50}, uint8(90))
	f.Fuzz(func(t *testing.T, file, cuts []byte, size uint8) { splitInvariant(t, pcapng, file, cuts, size) })
}

func splitInvariant(t *testing.T, want format, file, cuts []byte, size uint8) {
	if formatOf(file) != want {
		return
	}
	whole := new(run)
	o := whole.options()
	o.Stdin = bytes.NewReader(file)
	s, err := Open([]string{stdin}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.drain(s); err != nil {
		t.Fatal(err)
	}
	if len(whole.Problems) > maxProblems || len(whole.Packets) > len(file)/blockOverhead {
		t.Fatalf("%d packets and %d problems of %d octets", len(whole.Packets), len(whole.Problems), len(file))
	}
	octets := 0
	for _, p := range whole.Packets {
		octets += len(p.Data)
	}
	if octets > len(file) {
		t.Fatalf("%d octets of packets in a file of %d", octets, len(file))
	}
	for _, p := range whole.problems {
		if p.Offset < 0 && !p.Harmless || p.Offset > int64(len(file)) || p.Packet > uint64(len(whole.Packets)) {
			t.Fatalf("%+v in a file of %d octets", p, len(file))
		}
	}
	parts := shredded(want, file, cuts, 1+int(size))
	if diff := cmp.Diff(whole, parts, cmpopts.IgnoreUnexported(run{})); diff != "" {
		t.Fatal(diff)
	}
}

// FuzzOpen reads anything as anything.
func FuzzOpen(f *testing.F) {
	f.Add(gzipOf(f, spell("a", 1, 2)))
	f.Add(zstdOf(f, spell("a", 1, 2)))
	f.Add(gzipOf(f, gzipOf(f, spell("a", 1))))
	f.Add([]byte(`{"log": {"creator": {}}}`))
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x02\x04\x00\x14\x00\x00\x00\x04abcd"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r := new(run)
		o := r.options()
		o.Stdin = bytes.NewReader(file)
		s, err := Open([]string{stdin}, o)
		if err != nil {
			return
		}
		if err := r.drain(s); err != nil {
			t.Fatal(err)
		}
	})
}
