package capture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var orders = []order{littleEndian, bigEndian}

func TestPcapngBlocks(t *testing.T) {
	for _, o := range orders {
		g := &ng{order: o}
		g.section(-1).
			iface(1, 65535).
			iface(276, 4, g.option(ifTsresol, "\x09")).
			iface(101, 0, g.option(ifTsresol, "\x94"), g.option(ifTsoffset, string(writers[o].AppendUint64(nil, 1000)))). // 2^-20
			block(0x80000001, []byte("a block nobody knows")).
			block(4, make([]byte, 40)). // name resolution
			enhanced(0, 1_700_000_000_000_001, "one").
			enhanced(1, 1_700_000_000_000_000_002, "four").
			obsolete(2, 3<<19, "three").
			simple(5, "hello")
		r := readBytes(t, g.buf)
		want := []Packet{
			{Data: []byte("one"), Time: 1_700_000_000_000_001_000, Ordinal: 1, Number: 1, Length: 3, Link: 1},
			{Data: []byte("four"), Time: 1_700_000_000_000_000_002, Ordinal: 2, Number: 2, Length: 4, Link: 276},
			{Data: []byte("three"), Time: 1001_500_000_000, Ordinal: 3, Number: 3, Length: 5, Link: 101},
			{Data: []byte("hello"), Time: NoTime, Ordinal: 4, Number: 4, Length: 5, Link: 1},
		}
		if diff := cmp.Diff(want, r.Packets); diff != "" || len(r.Problems) > 0 {
			t.Error(diff, r.Problems)
		}
	}
}

func TestPcapngSimplePacketLength(t *testing.T) {
	g := &ng{}
	g.section(-1).iface(1, 4).simple(9, "cut ").simple(3, "all\x00").section(-1).iface(1, 0).simple(5, "whole\x00\x00\x00")
	r := readBytes(t, g.buf)
	if diff := cmp.Diff([]string{"cut ", "all", "whole"}, r.texts()); diff != "" || r.Packets[0].Length != 9 || r.Packets[0].Time != NoTime {
		t.Error(diff, r.Packets, r.Problems)
	}
}

// TestPcapngSections puts sections of either byte order and of every kind of length behind one another; interfaces
// count from 0 in each.
func TestPcapngSections(t *testing.T) {
	for _, first := range orders {
		var file []byte
		for i, length := range []int64{-1, 4096, 0, 4} {
			g := &ng{order: (first + order(i)) % 2}
			g.section(length).iface(uint16(100+i), 0).enhanced(0, uint64(i), fmt.Sprint("section ", i))
			file = append(file, g.buf...)
		}
		r := readBytes(t, file)
		if diff := cmp.Diff([]string{"section 0", "section 1", "section 2", "section 3"}, r.texts()); diff != "" || len(r.Problems) > 0 {
			t.Fatal(diff, r.Problems)
		}
		for i, p := range r.Packets {
			if p.Link != LinkType(100+i) || p.Time != int64(i)*1000 {
				t.Errorf("%+v", p)
			}
		}
	}
}

func TestPcapngSecretsAndOptions(t *testing.T) {
	for _, o := range orders {
		g := &ng{order: o}
		g.section(-1, g.option(optComment, "of the section"), g.option(2, "hardware")).
			iface(1, 0, g.option(optComment, "of the interface")).
			secrets(0x544c534b, "CLIENT_RANDOM 00 11\n", g.option(optComment, "of the secrets")).
			enhanced(0, 1, "12345", g.option(2, "flag"), g.option(optComment, "of packet 1"), g.option(optComment, "again")).
			obsolete(0, 1, "", g.option(optComment, "of packet 2")).
			block(interfaceStatistics, append(make([]byte, 12), g.with(nil, [][]byte{g.option(optComment, "of the statistics")})...)).
			secrets(0x57474b4c, "")
		r := readBytes(t, g.buf)
		secrets := []Secrets{{Type: 0x544c534b, Data: []byte("CLIENT_RANDOM 00 11\n")}, {Type: 0x57474b4c}}
		if diff := cmp.Diff(secrets, r.Secrets); diff != "" || len(r.Packets) != 2 || len(r.Problems) > 0 {
			t.Error(diff, r.Packets, r.Problems)
		}
	}
}

func TestNobodyIsTold(t *testing.T) {
	g := &ng{}
	g.section(-1, g.option(optComment, "text")).secrets(1, "text").enhanced(3, 0, "of no interface")
	s, err := Open([]string{stdin}, Options{Stdin: bytes.NewReader(g.buf)})
	if err != nil {
		t.Fatal(err)
	}
	if err := new(run).drain(s); err != nil {
		t.Error(err)
	}
}

func TestPcapngEveryCut(t *testing.T) {
	for _, o := range orders {
		g := &ng{order: o}
		borders := []int{}
		border := func(*ng) { borders = append(borders, len(g.buf)) }
		border(g.section(-1))
		border(g.iface(1, 0))
		border(g.block(0xbad, make([]byte, 100)))
		for i, p := range samples(50) {
			border(g.enhanced(0, uint64(i), p.data))
		}
		everyCut(t, g.buf, borders, func(n int) int { return max(n-2, 0) })
	}
}

func TestPcapngDamage(t *testing.T) {
	const more = "; 1 packet before it was read"
	w := writers[littleEndian]
	begin := func() *ng { return new(ng).section(-1).iface(1, 0).enhanced(0, 1, "first") }
	for name, tt := range map[string]struct {
		damage func(g *ng)
		texts  []string
		want   string // with %d for the offset of the damage
	}{
		"length 0": {func(g *ng) { g.buf = append(g.buf, make([]byte, 64)...) }, []string{"first"},
			"block of type 0x0 claims 0 octets, less than the 12 that every block has at offset %d" + more},
		"length 8": {func(g *ng) { g.buf = append(w.AppendUint32(w.AppendUint32(g.buf, 6), 8), 1, 2, 3, 4) }, []string{"first"},
			"enhanced packet block claims 8 octets, less than the 12 that every block has at offset %d" + more},
		"length 33": {func(g *ng) { g.buf = append(w.AppendUint32(w.AppendUint32(g.buf, 6), 33), 1, 2, 3, 4) }, []string{"first"},
			"enhanced packet block claims 33 octets, no multiple of 4 at offset %d" + more},
		"absurd packet": {func(g *ng) { g.buf = append(w.AppendUint32(w.AppendUint32(g.buf, 6), 0xfffffffc), 1, 2, 3, 4) }, []string{"first"},
			"enhanced packet block claims 4294967292 octets, more than the limit of 16777216 at offset %d" + more},
		"absurd unknown block": {func(g *ng) { g.buf = append(w.AppendUint32(w.AppendUint32(g.buf, 99), 0xfffffffc), 1, 2, 3, 4) }, []string{"first"},
			"block of type 0x63 claims 4294967292 octets, more than the limit of 16777216 at offset %d" + more},
		"wrong trailer": {func(g *ng) { g.enhanced(0, 2, "second"); g.buf[len(g.buf)-4]++; g.enhanced(0, 3, "third") }, []string{"first", "third"},
			"enhanced packet block claims 40 octets at its start but 41 at its end; 40 octets skipped at offset %d" + more},
		"wrong trailer of an unknown block": {func(g *ng) { g.block(99, nil); g.buf[len(g.buf)-4]++; g.enhanced(0, 3, "third") }, []string{"first", "third"},
			"block of type 0x63 claims 12 octets at its start but 13 at its end; 12 octets skipped at offset %d" + more},
		"no byte-order magic": {func(g *ng) { g.section(-1); g.buf[len(g.buf)-20]++; g.iface(1, 0) }, []string{"first"},
			"section header block has no byte-order magic but 4e3c2b1a at offset %d" + more},
		"version 2": {func(g *ng) { g.section(-1); g.buf[len(g.buf)-16]++; g.iface(1, 0) }, []string{"first"},
			"pcapng version 2.0 is not known at offset %d" + more},
		"short section header": {func(g *ng) { g.block(sectionHeader, w.AppendUint32(nil, byteOrderMagic)) }, []string{"first"},
			"section header block is too short for its fields at offset %d" + more},
		"short interface": {func(g *ng) { g.block(interfaceDescription, make([]byte, 4)).enhanced(0, 3, "third") }, []string{"first"},
			"interface description block is too short for its fields at offset %d" + more},
		"unknown interface": {func(g *ng) { g.enhanced(1, 2, "second").enhanced(0, 3, "third") }, []string{"first", "third"},
			"enhanced packet block names interface 1, of which 1 are described, skipped at offset %d" + more},
		"no interface in the section": {func(g *ng) {
			s := len(g.buf)
			g.simple(1, "s")
			b := bytes.Clone(g.buf[s:])
			g.buf = g.buf[:s]
			g.section(-1)
			g.buf = append(g.buf, b...)
		}, []string{"first"},
			"simple packet block names interface 0, of which 0 are described, skipped at offset %d" + more},
		"more data than its block": {func(g *ng) {
			g.enhanced(0, 2, "second")
			g.buf[len(g.buf)-20]++
			g.buf[len(g.buf)-20] += 8
			g.enhanced(0, 3, "third")
		}, []string{"first", "third"},
			"enhanced packet block claims 15 captured octets but has room for 8, skipped at offset %d" + more},
		"short packet": {func(g *ng) { g.block(enhancedPacket, make([]byte, 16)).enhanced(0, 3, "third") }, []string{"first", "third"},
			"enhanced packet block is too short for its fields, skipped at offset %d" + more},
		"option longer than its block": {func(g *ng) { g.section(-1, []byte{1, 0, 99, 0}).iface(1, 0).enhanced(0, 3, "third") }, []string{"first", "third"},
			"section header block: option 1 claims 99 octets but has room for 4 at offset %d" + more},
		"resolution of two octets": {func(g *ng) { g.iface(1, 0, g.option(ifTsresol, "\x06\x06")).enhanced(1, 3, "third") }, []string{"first", "third"},
			"interface description block: if_tsresol has 2 octets at offset %d" + more},
		"offset of four octets": {func(g *ng) { g.iface(1, 0, g.option(ifTsoffset, "\x06\x06\x06\x06")).enhanced(1, 3, "third") }, []string{"first", "third"},
			"interface description block: if_tsoffset has 4 octets at offset %d" + more},
		"secrets longer than their block": {func(g *ng) { g.secrets(1, "secret!!"); g.buf[len(g.buf)-16] = 9; g.enhanced(0, 3, "third") }, []string{"first", "third"},
			"decryption secrets block claims 9 octets of secrets but has room for 8, skipped at offset %d" + more},
		"short secrets": {func(g *ng) { g.block(decryptionSecrets, make([]byte, 4)).enhanced(0, 3, "third") }, []string{"first", "third"},
			"decryption secrets block is too short for its fields, skipped at offset %d" + more},
	} {
		t.Run(name, func(t *testing.T) {
			g := begin()
			offset := len(g.buf)
			if name == "no interface in the section" {
				offset += 28
			}
			tt.damage(g)
			r := readBytes(t, g.buf)
			want := []string{"standard input: " + fmt.Sprintf(tt.want, offset)}
			if diff := cmp.Diff(want, r.Problems) + cmp.Diff(tt.texts, r.texts()); diff != "" {
				t.Error(diff)
			}
			if wantCut := strings.Contains(tt.want, "cut off"); r.problems[0].Truncated != wantCut {
				t.Errorf("Truncated is %v", !wantCut)
			}
		})
	}
}

// TestProblemsHaveALimit feeds more damage than is worth telling; the one that ends the file is told nevertheless.
func TestProblemsHaveALimit(t *testing.T) {
	g := new(ng).section(-1).iface(1, 0)
	for range 10 * maxProblems {
		g.enhanced(9, 0, "of no interface")
	}
	g.enhanced(0, 0, "good")
	r := readBytes(t, append(g.buf, 1, 2, 3))
	if len(r.Problems) != maxProblems+1 || len(r.Packets) != 1 ||
		!strings.Contains(r.Problems[maxProblems-1], "is not told") || !strings.Contains(r.Problems[maxProblems], "cut off") {
		t.Errorf("%d problems, %d packets, last %q", len(r.Problems), len(r.Packets), r.Problems[len(r.Problems)-1])
	}
}

func TestInterfacesHaveALimit(t *testing.T) {
	g := new(ng).section(-1)
	for range maxInterfaces + 1 {
		g.iface(1, 0)
	}
	r := readBytes(t, g.buf)
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "more than 65536 interfaces") {
		t.Error(r.Problems)
	}
}
