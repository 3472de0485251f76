package analyze

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// cut makes segments of at most n octets of all segments, as raw IPv4; add is what both sides' sequence numbers are
// raised by, given the first of each connection's sides.
func (t tape) cut(n int, raise func(isn uint32) uint32) tape {
	type end struct {
		key  reassembly.Key
		side uint8
	}
	add := make(map[end]uint32)
	var all tape
	for i, s := range t.segments() {
		from, to := end{s.Key, s.From}, end{s.Key, s.From ^ 1}
		if _, seen := add[from]; !seen {
			add[from] = raise(s.Seq) - uint32(len(add)) // two connections with the same numbers would be taken for one
		}
		if _, seen := add[to]; !seen && s.Flags&reassembly.ACK != 0 {
			add[to] = raise(s.Ack-1) - uint32(len(add))
		}
		ack := uint32(0)
		if s.Flags&reassembly.ACK != 0 {
			ack = s.Ack + add[to]
		}
		emit := func(flags uint8, seq uint32, p []byte) {
			b := ipv4TCP(s.Key.Endpoint(s.From), s.Key.Endpoint(s.From^1), flags, seq+add[from], ack, p)
			all = append(all, capture.Packet{Data: b, Time: t[i].Time, Length: uint32(len(b)), Link: linkRaw})
		}
		seq, rest := s.Seq, s.Payload
		for len(rest) > n {
			emit(s.Flags&^(reassembly.FIN|reassembly.PSH), seq, rest[:n])
			seq, rest = seq+uint32(n), rest[n:]
		}
		emit(s.Flags, seq, rest)
	}
	return all
}

func unraised(uint32) uint32 { return 0 }

// doubled has every packet twice.
func (t tape) doubled() tape {
	var all tape
	for _, p := range t {
		all = append(all, p, p)
	}
	return all
}

// shuffled moves every packet by at most some places, and lets a microsecond pass between any two.
func (t tape) shuffled(seed uint64, places int) tape {
	r := rand.New(rand.NewPCG(seed, 2))
	type moved struct {
		packet capture.Packet
		place  int
	}
	all := make([]moved, len(t))
	for i := range t {
		all[i] = moved{t[i], i + r.IntN(places+1)}
	}
	slices.SortStableFunc(all, func(a, b moved) int { return a.place - b.place })
	out := make(tape, len(t))
	for i := range all {
		out[i] = all[i].packet
		out[i].Time = t[0].Time + int64(i)*1000
	}
	return out
}

// spokenTapes are conversations to be cut and mixed up: scripts, and recordings of real peers.
func spokenTapes(t *testing.T) map[string]tape {
	all := map[string]tape{
		"plain":      script(t, upgrade, talk(30, 3, 2000, 5), farewell),
		"coalesced":  script(t, upgrade, "-- server joined frames --\nping \"first\"\ntext \"with the 101\"\n-- client frames --\npong \"first\"", farewell),
		"compressed": script(t, compressedUpgrade, "-- client frames --\ntext deflate \"hello hello hello\"\ntext deflate \"hello hello\"\n-- server frames --\ntext deflate \"hello hello hello\"\nbinary deflate 00010203", farewell),
		"faulty":     script(t, upgrade, "-- client frames --\ntext unmasked \"bare\"\ncontinuation \"stray\"\nping more \"part\"\n-- server frames --\nop3 \"x\"\ntext \"\\xff\"", farewell),
	}
	for _, name := range sampled(t, []string{"node-ws-mixed", "python-websockets", "chromium-window-10",
		"nginx-deflate", "keep-alive-upgrade", "close-not-utf8",
		"gobwas-deflate", "node-ws-fragments", "apache-wstunnel", "haproxy-drops-upgrade", "libwebsockets",
		"close-data-after"}) {
		all[name] = loadTape(t, recording(name)).cut(1<<20, unraised)
	}
	return all
}

const compressedUpgrade = `-- client --
GET /chat HTTP/1.1
Host: example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
Sec-WebSocket-Extensions: permessage-deflate
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}
Sec-WebSocket-Extensions: permessage-deflate`

// SplitInvariance: how a conversation is cut into segments, in which order and how often they were captured, and where
// sequence numbers begin does not change its story.
func TestSplitInvariance(t *testing.T) {
	orders := uint64(need.Rounds(5, 1))
	for name, original := range spokenTapes(t) {
		t.Run(name, func(t *testing.T) {
			want := original.analyse(t)
			for variant, other := range map[string]tape{
				"one octet a segment":              original.cut(1, unraised),
				"seven octets a segment":           original.cut(7, unraised),
				"every packet twice":               original.doubled(),
				"one octet a segment, twice":       original.cut(1, unraised).doubled(),
				"across the wrap, early":           original.cut(100, func(isn uint32) uint32 { return -isn - 20 }),
				"across the wrap, late":            original.cut(100, func(isn uint32) uint32 { return -isn - 300 }),
				"across the wrap, by single octet": original.cut(1, func(isn uint32) uint32 { return -isn - 200 }),
				"across the sign":                  original.cut(1460, func(isn uint32) uint32 { return 1<<31 - isn - 200 }),
				"out of order":                     original.cut(300, unraised).shuffled(1, 3),
			} {
				t.Run(variant, func(t *testing.T) { sameStory(t, want, other.analyse(t)) })
			}
			if len(want.connections) > 1 {
				return // which leg of a proxy came first is told by the order of capture
			}
			for seed := range orders {
				for variant, other := range map[string]tape{
					"far out of order":       original.cut(100, unraised).shuffled(seed, 12),
					"any order":              original.shuffled(seed, len(original)/4),
					"any order, both halved": original.cut(700, func(isn uint32) uint32 { return -isn - 250 }).doubled().shuffled(seed, 16),
				} {
					t.Run(fmt.Sprint(variant, seed), func(t *testing.T) { sameStory(t, orderless(want), orderless(other.analyse(t))) })
				}
			}
		})
	}
}

// orderless is a run without what only the order of capture tells: who closed first, and what was not answered.
func orderless(r *recorder) *recorder {
	told := *r
	told.findings = slices.DeleteFunc(slices.Clone(r.findings), func(f *event.Finding) bool { return slices.Contains(absences, f.Name) })
	told.connections = slices.Clone(r.connections)
	for i := range told.connections {
		c := &told.connections[i]
		c.EndedBy = event.Opt[event.Side]{}
		c.Findings = slices.DeleteFunc(slices.Clone(c.Findings), func(name string) bool { return slices.Contains(absences, name) })
	}
	return &told
}

// pcap writes a tape whose packets have one link type.
func (t tape) pcap() []byte {
	le := binary.LittleEndian
	b := x("4d3cb2a1 0200 0400 00000000 00000000 00000400")
	b = le.AppendUint32(b, uint32(t[0].Link))
	for _, p := range t {
		b = le.AppendUint32(b, uint32(p.Time/1e9))
		b = le.AppendUint32(b, uint32(p.Time%1e9))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = le.AppendUint32(b, p.Length)
		b = append(b, p.Data...)
	}
	return b
}

// pcapng writes a tape with one interface for each link type, resolution one nanosecond.
func (t tape) pcapng() []byte {
	le := binary.LittleEndian
	var out []byte
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		n := uint32(len(body) + 12)
		out = le.AppendUint32(le.AppendUint32(out, kind), n)
		out = le.AppendUint32(append(out, body...), n)
	}
	block(0x0a0d0d0a, x("4d3c2b1a 0100 0000 ffffffffffffffff"))
	var links []capture.LinkType
	for _, p := range t {
		id := slices.Index(links, p.Link)
		if id < 0 {
			id = len(links)
			links = append(links, p.Link)
			b := le.AppendUint16(nil, uint16(p.Link))
			block(1, append(b, x("0000 00000400 0900 0100 09000000 0000 0000")...))
		}
		b := le.AppendUint32(nil, uint32(id))
		b = le.AppendUint32(b, uint32(p.Time>>32))
		b = le.AppendUint32(b, uint32(p.Time))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = le.AppendUint32(b, p.Length)
		block(6, append(b, p.Data...))
	}
	return out
}

func zipped(t *testing.T, b []byte) []byte {
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

// The format of the file, its compression and how it is read change no event at all.
func TestFormatInvariance(t *testing.T) {
	for name, original := range spokenTapes(t) {
		t.Run(name, func(t *testing.T) {
			want := original.analyse(t)
			want.summary.Files = nil
			for format, b := range map[string][]byte{"pcap": original.pcap(), "pcapng": original.pcapng(), "pcap.gz": zipped(t, original.pcap()), "pcapng.gz": zipped(t, original.pcapng())} {
				path := filepath.Join(t.TempDir(), "capture."+format)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				for way, got := range map[string]*recorder{"file": analyseFile(t, path), "standard input": analyseBytes(t, b)} {
					got.summary.Files = nil
					if !reflect.DeepEqual(want, got) {
						sameStory(t, want, got)
						t.Errorf("%s from %s: other events", format, way)
					}
				}
			}
		})
	}
}
