package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writer is how numbers are put in a byte order.
type writer interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var writers = map[order]writer{littleEndian: binary.LittleEndian, bigEndian: binary.BigEndian}

// sample is a packet as a fixture says it.
type sample struct {
	seconds, fraction uint32
	data              string
	length            uint32 // on the wire; 0: that of data
}

func (s sample) wire() uint32 {
	if s.length == 0 {
		return uint32(len(s.data))
	}
	return s.length
}

// samples makes n packets of changing lengths, a millisecond apart.
func samples(n int) []sample {
	all := make([]sample, n)
	for i := range all {
		data := bytes.Repeat([]byte{byte('a' + i%26)}, 14+i*7%61)
		all[i] = sample{seconds: 1700000000 + uint32(i/1000), fraction: uint32(i%1000) * 1000, data: string(data)}
	}
	return all
}

// pcapFile writes a pcap file of version 2.4 and link type Ethernet.
func pcapFile(o order, magic uint32, packets ...sample) []byte {
	w := writers[o]
	b := pcapFileHeader(o, magic, 2, 4, 1)
	for _, p := range packets {
		b = w.AppendUint32(b, p.seconds)
		b = w.AppendUint32(b, p.fraction)
		b = w.AppendUint32(b, uint32(len(p.data)))
		b = w.AppendUint32(b, p.wire())
		if magic == magicModified {
			b = append(b, "ifixprt\x00"...)
		}
		b = append(b, p.data...)
	}
	return b
}

func pcapFileHeader(o order, magic uint32, major, minor uint16, link uint32) []byte {
	w := writers[o]
	b := w.AppendUint32(nil, magic)
	b = w.AppendUint16(b, major)
	b = w.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...)
	b = w.AppendUint32(b, 65535)
	return w.AppendUint32(b, link)
}

// ng writes pcapng blocks in one byte order.
type ng struct {
	order order
	buf   []byte
}

func (g *ng) block(kind uint32, body []byte) *ng {
	w := writers[g.order]
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	length := uint32(len(body) + blockOverhead)
	g.buf = w.AppendUint32(g.buf, kind)
	g.buf = w.AppendUint32(g.buf, length)
	g.buf = append(g.buf, body...)
	g.buf = w.AppendUint32(g.buf, length)
	return g
}

// section begins a section; a length of -1 says that it is not known.
func (g *ng) section(length int64, options ...[]byte) *ng {
	w := writers[g.order]
	b := w.AppendUint32(nil, byteOrderMagic)
	b = w.AppendUint16(b, 1)
	b = w.AppendUint16(b, 0)
	b = w.AppendUint64(b, uint64(length))
	return g.block(sectionHeader, g.with(b, options))
}

func (g *ng) iface(link uint16, snaplen uint32, options ...[]byte) *ng {
	w := writers[g.order]
	b := w.AppendUint16(nil, link)
	b = w.AppendUint16(b, 0)
	b = w.AppendUint32(b, snaplen)
	return g.block(interfaceDescription, g.with(b, options))
}

func (g *ng) enhanced(id uint32, units uint64, data string, options ...[]byte) *ng {
	w := writers[g.order]
	return g.block(enhancedPacket, g.packet(w.AppendUint32(nil, id), units, data, options))
}

func (g *ng) obsolete(id uint16, units uint64, data string, options ...[]byte) *ng {
	w := writers[g.order]
	b := w.AppendUint16(nil, id)
	b = w.AppendUint16(b, 7) // drops_count
	return g.block(obsoletePacket, g.packet(b, units, data, options))
}

func (g *ng) packet(b []byte, units uint64, data string, options [][]byte) []byte {
	w := writers[g.order]
	b = w.AppendUint32(b, uint32(units>>32))
	b = w.AppendUint32(b, uint32(units))
	b = w.AppendUint32(b, uint32(len(data)))
	b = w.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return g.with(b, options)
}

func (g *ng) simple(length uint32, data string) *ng {
	return g.block(simplePacket, append(writers[g.order].AppendUint32(nil, length), data...))
}

func (g *ng) secrets(kind uint32, data string, options ...[]byte) *ng {
	w := writers[g.order]
	b := w.AppendUint32(nil, kind)
	b = w.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return g.block(decryptionSecrets, g.with(b, options))
}

func (g *ng) option(code uint16, value string) []byte {
	w := writers[g.order]
	b := w.AppendUint16(nil, code)
	b = w.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// with appends a list of options and its end.
func (g *ng) with(b []byte, options [][]byte) []byte {
	if len(options) == 0 {
		return b
	}
	for _, o := range options {
		b = append(b, o...)
	}
	return append(b, 0, 0, 0, 0)
}

// pcapngFile writes samples with microseconds into one section with one interface.
func pcapngFile(o order, packets ...sample) []byte {
	g := &ng{order: o}
	g.section(-1).iface(1, 65535)
	for _, p := range packets {
		g.enhanced(0, uint64(p.seconds)*1e6+uint64(p.fraction), p.data)
	}
	return g.buf
}

// run is all that came of a timeline.
type run struct {
	Packets  []Packet // with data of their own
	Problems []string
	Secrets  []Secrets
	problems []*Problem
}

// records gives options that write into r.
func (r *run) options() Options {
	return Options{
		Problem: func(p *Problem) { r.problems = append(r.problems, p); r.Problems = append(r.Problems, p.Error()) },
		Secrets: func(s Secrets) { r.Secrets = append(r.Secrets, s) },
	}
}

// readAll reads paths to the end, checking what holds for every source.
func readAll(t testing.TB, stdin io.Reader, paths ...string) *run {
	t.Helper()
	r := new(run)
	o := r.options()
	o.Stdin = stdin
	s, err := Open(paths, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.drain(s); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *run) drain(s Source) error {
	defer s.Close()
	var b Batch
	numbers := make(map[int32]uint64)
	for {
		err := s.Read(&b)
		if err == io.EOF {
			if len(b.Packets) > 0 {
				return errors.New("packets together with io.EOF")
			}
			return nil
		}
		if err != nil {
			return err
		}
		if n := len(b.Packets); n == 0 || n > BatchSize {
			return fmt.Errorf("batch of %d packets", n)
		}
		for _, p := range b.Packets {
			p.Data = bytes.Clone(p.Data)
			r.Packets = append(r.Packets, p)
			numbers[p.File]++
			if p.Ordinal != uint64(len(r.Packets)) || p.Number != numbers[p.File] {
				return fmt.Errorf("packet %d has ordinal %d and number %d", len(r.Packets), p.Ordinal, p.Number)
			}
			if int(p.Length) < len(p.Data) || len(p.Data) > MaxRecord {
				return fmt.Errorf("packet %d has %d of %d octets", p.Ordinal, len(p.Data), p.Length)
			}
		}
	}
}

// readBytes reads one file as standard input.
func readBytes(t testing.TB, b []byte) *run {
	t.Helper()
	return readAll(t, bytes.NewReader(b), stdin)
}

// texts gives the data of the packets.
func (r *run) texts() []string {
	all := make([]string, len(r.Packets))
	for i, p := range r.Packets {
		all[i] = string(p.Data)
	}
	return all
}

func (r *run) times() []int64 {
	all := make([]int64, len(r.Packets))
	for i, p := range r.Packets {
		all[i] = p.Time
	}
	return all
}

// store writes a file into dir and gives its path.
func store(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// at gives the nanoseconds of a time in RFC 3339.
func at(t testing.TB, s string) int64 {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixNano()
}

// optComment is the option opt_comment, which nothing reads.
const optComment = 1
