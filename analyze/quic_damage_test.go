package analyze

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// quicRecordings are those of WebSocket over HTTP/3.
func quicRecordings(tb testing.TB) (names []string) {
	for _, path := range glob(tb, filepath.Join("..", "testdata", "captures", "h3-*.pcapng")) {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".pcapng"))
	}
	return names
}

// loadDatagrams loads what a recording has of QUIC. TCP beside it is judged by the laws of its own.
func loadDatagrams(tb testing.TB, name string) (datagrams tape) {
	whole := loadTape(tb, recording(name))
	for i, s := range whole.segments() {
		if s.Key.Protocol == reassembly.ProtocolUDP {
			datagrams = append(datagrams, whole[i])
		}
	}
	return datagrams
}

// digests are the digests of the whole messages of each side of each stream, in order. A connection that has moved may be
// named by any of its ends.
func digests(r *recorder) map[string][]string {
	all := map[string][]string{}
	for i := range r.messages {
		if m := &r.messages[i]; m.Complete {
			k := fmt.Sprintf("%v/%d %s", m.Conn.Peer, m.Conn.Stream.Value, m.From)
			if slices.Contains(movedEnds, m.Conn.Peer[event.Client].Port()) {
				k = fmt.Sprintf("moved/%d %s", m.Conn.Stream.Value, m.From)
			}
			all[k] = append(all[k], fmt.Sprintf("%x", m.SHA256.Value))
		}
	}
	return all
}

// movedEnds are the client's ports in h3-migrated.
var movedEnds = []uint16{56463, 40511}

// within reports whether part is what is left of whole without some of it.
func within(part, whole []string) bool {
	for _, s := range part {
		i := slices.Index(whole, s)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

// nothingInvented fails where damage made messages or findings of more than notes that were not there.
func nothingInvented(t *testing.T, what string, whole, damaged *recorder) {
	t.Helper()
	said := digests(whole)
	for k, list := range digests(damaged) {
		if !within(list, said[k]) {
			t.Errorf("%s: messages of %s were invented: %d of %d", what, k, len(list), len(said[k]))
		}
	}
	known := map[string]bool{}
	for _, f := range whole.findings {
		known[f.Name] = true
	}
	for _, f := range damaged.findings {
		if f.Level != event.Note && !known[f.Name] {
			t.Errorf("%s: %s (packet %d): %s", what, f.Name, f.At.Number, f.Text)
		}
	}
}

func count(said map[string][]string) (n int) {
	for _, list := range said {
		n += len(list)
	}
	return n
}

// A datagram that was not captured costs the messages whose octets it carried and no others; one that is missing twice,
// doubled or late costs nothing.
func TestQUICDamage(t *testing.T) {
	for _, name := range sampled(t, quicRecordings(t)) {
		t.Run(name, func(t *testing.T) {
			whole := loadDatagrams(t, name)
			keys := withKeys(t, name)
			want := whole.analyse(t, keys)
			all := count(digests(want))
			step := 1
			switch {
			case need.Brief() && !racing:
				step = 29
			case len(whole) > 120:
				step = 7
			}
			for i := 0; i < len(whole); i += step {
				what := fmt.Sprintf("without packet %d", i+1)
				got := slices.Delete(slices.Clone(whole), i, i+1).analyse(t, keys)
				nothingInvented(t, what, want, got)
				carried := carries(want, uint64(i+1))
				if lost := all - count(digests(got)); lost > carried {
					t.Errorf("%s: %d messages were lost, it carried parts of %d", what, lost, carried)
				}
				if lost := len(want.handshakes) - len(got.handshakes); lost > heads(want, uint64(i+1)) {
					t.Errorf("%s: %d handshakes were lost, it carried heads of %d", what, lost, heads(want, uint64(i+1)))
				}
			}
			doubled := make(tape, 0, 2*len(whole))
			for _, p := range whole {
				doubled = append(doubled, p, p)
			}
			if got := doubled.analyse(t, keys); !sameDigests(want, got) || len(got.findings) != len(want.findings) {
				t.Errorf("doubled: %d messages of %d, %d findings of %d", count(digests(got)), all, len(got.findings), len(want.findings))
			}
			for i := 0; i+1 < len(whole); i += step {
				swapped := slices.Clone(whole)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				got := swapped.analyse(t, keys)
				nothingInvented(t, fmt.Sprintf("packets %d and %d swapped", i+1, i+2), want, got)
				if !sameDigests(want, got) {
					t.Errorf("packets %d and %d swapped: %d messages of %d", i+1, i+2, count(digests(got)), all)
				}
			}
			for i := 1; i < len(whole); i += max(5, step) {
				nothingInvented(t, fmt.Sprintf("from packet %d on", i+1), want, whole[i:].analyse(t, keys))
				nothingInvented(t, fmt.Sprintf("up to packet %d", i), want, whole[:i].analyse(t, keys))
			}
			for from := range 2 {
				nothingInvented(t, fmt.Sprintf("only from end %d", from), want, whole.oneSide(from).analyse(t, keys))
			}
		})
	}
}

// carries counts the messages of which a packet carried something, the headers of the DATA frames that they are in
// included: of each side of a stream those that were completed behind it while the one before was completed ahead of it.
func carries(r *recorder, packet uint64) (n int) {
	type direction struct {
		conn, stream uint64
		from         event.Side
	}
	before := map[direction]uint64{}
	for i := range r.messages {
		m := &r.messages[i]
		d := direction{m.Conn.Ordinal, m.Conn.Stream.Value, m.From}
		if before[d] <= packet && packet <= m.At.Number {
			n++
		}
		before[d] = m.At.Number
	}
	return n
}

// heads counts the handshakes of which a packet carried something of the request.
func heads(r *recorder, packet uint64) (n int) {
	for i := range r.handshakes {
		if q := r.handshakes[i].Request; q != nil && q.First.Number <= packet && packet <= q.Last.Number {
			n++
		}
	}
	return n
}

func sameDigests(a, b *recorder) bool {
	x, y := digests(a), digests(b)
	if len(x) != len(y) {
		return false
	}
	for k := range x {
		if !slices.Equal(x[k], y[k]) {
			return false
		}
	}
	return true
}

// With a part of the secrets, what they do not open is named and nothing is invented.
func TestQUICWithSomeSecrets(t *testing.T) {
	for _, name := range []string{"h3-aes128", "h3-version2", "h3-chacha20"} {
		text, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".keys"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(strings.TrimSpace(string(text)), "\n")
		whole := loadTape(t, recording(name))
		want := whole.analyse(t, withKeys(t, name))
		for mask := range 1 << len(lines) {
			keys := new(keylog.Log)
			application := 0
			for i, l := range lines {
				if mask&(1<<i) == 0 {
					continue
				}
				keys.Add(strings.NewReader(l))
				if strings.Contains(l, "TRAFFIC_SECRET_0") {
					application++
				}
			}
			got := whole.analyse(t, func(c *Config) { c.Keys.Log = keys })
			what := fmt.Sprintf("%s with secrets %b", name, mask)
			nothingInvented(t, what, want, got)
			named := slices.ContainsFunc(got.caveats, func(c event.Caveat) bool { return c.Name == "quic-undecrypted" && c.Conn != nil })
			if named != (application < 2) {
				t.Errorf("%s: %d of two sides can be read, and the caveat says otherwise", what, application)
			}
			if application == 2 && !sameDigests(want, got) {
				t.Errorf("%s: not all messages were read", what)
			}
		}
	}
}

// Octets changed at random open nothing and break nothing; the result does not depend on the workers.
func TestQUICNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"h3-aes128", "h3-retry", "h3-migrated"} {
		whole := loadTape(t, recording(name))
		keys := withKeys(t, name)
		want := whole.analyse(t, keys)
		for range 30 {
			damaged := slices.Clone(whole)
			for range 5 {
				i := random.IntN(len(damaged))
				data := slices.Clone(damaged[i].Data)
				data[random.IntN(len(data))] ^= byte(1 + random.IntN(255))
				damaged[i].Data = data
			}
			got := damaged.analyse(t, keys)
			nothingInvented(t, name+" with noise", want, got)
			many := damaged.analyse(t, keys, func(c *Config) { c.Workers = 7 })
			if !sameDigests(got, many) || len(got.caveats) != len(many.caveats) {
				t.Errorf("%s: it depends on the number of workers", name)
			}
		}
	}
}

// What the client asks for in 0-RTT is read where its secret is known, and rests on SETTINGS that it remembers; without
// the secret it is named and nothing else is lost.
func TestQUICEarlyData(t *testing.T) {
	for _, name := range []string{"h3-early", "h3-chromium-early"} {
		text, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".keys"))
		if err != nil {
			t.Fatal(err)
		}
		var rest []string
		for l := range strings.Lines(string(text)) {
			if !strings.HasPrefix(l, "CLIENT_EARLY_TRAFFIC_SECRET ") {
				rest = append(rest, l)
			}
		}
		whole := loadTape(t, recording(name))
		want := whole.analyse(t, withKeys(t, name))
		if len(want.caveats)+len(want.findings) > 0 {
			t.Errorf("%s: %d caveats and %d findings", name, len(want.caveats), len(want.findings))
		}
		keys := new(keylog.Log)
		keys.Add(strings.NewReader(strings.Join(rest, "")))
		got := whole.analyse(t, func(c *Config) { c.Keys.Log = keys })
		nothingInvented(t, name, want, got)
		if !slices.ContainsFunc(got.caveats, func(c event.Caveat) bool { return c.Name == "quic-undecrypted" && strings.Contains(c.Text, "0-RTT") }) {
			t.Errorf("%s: that 0-RTT was not read is not told", name)
		}
		if !sameDigests(want, got) {
			t.Errorf("%s: %d messages of %d without the secret of 0-RTT", name, count(digests(got)), count(digests(want)))
		}
	}
}

// A capture that begins in the middle of a connection is read with the key log. Of each direction the first message may
// be lost, whose frame of DATA may have begun before, and what is too little to be known as WebSocket.
func TestQUICFromTheMiddle(t *testing.T) {
	for _, name := range sampled(t, quicRecordings(t)) {
		whole := loadDatagrams(t, name)
		keys := withKeys(t, name)
		want := whole.analyse(t, keys)
		for from := 1; from < len(whole); from += max(1, len(whole)/12) {
			got := whole[from:].analyse(t, keys)
			what := fmt.Sprintf("%s from packet %d on", name, from+1)
			nothingInvented(t, what, want, got)
			said := digests(got)
			for k, list := range digests(behind(want, uint64(from))) {
				const enough = 3
				if len(list) >= enough && !within(list[1:], said[k]) {
					t.Errorf("%s: %s: %d messages were read, %d captured whole", what, k, len(said[k]), len(list))
				}
			}
			for _, c := range got.caveats {
				if c.Name == "quic-undecrypted" && c.Conn != nil && !strings.Contains(c.Text, "0-RTT") {
					t.Errorf("%s: %s", what, c.Text)
				}
			}
			many := whole[from:].analyse(t, keys, func(c *Config) { c.Workers = 5 })
			if !sameDigests(got, many) || len(got.caveats) != len(many.caveats) {
				t.Errorf("%s: it depends on the number of workers", what)
			}
		}
	}
}

// behind is what is left of a record where packets up to one were not captured.
func behind(r *recorder, packet uint64) *recorder {
	var rest recorder
	for i := range r.messages {
		if m := &r.messages[i]; m.First.Number > packet {
			rest.messages = append(rest.messages, *m)
		}
	}
	return &rest
}

// It does not matter when secrets come, also behind the last packet, and of a capture that begins in the middle of a
// connection.
func TestQUICSecretsComeLate(t *testing.T) {
	for _, name := range sampled(t, quicRecordings(t)) {
		log, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".keys"))
		if err != nil {
			t.Fatal(err)
		}
		whole := loadDatagrams(t, name)
		for _, from := range []int{0, len(whole) / 3} {
			captured := whole[from:]
			want := captured.analyse(t, withKeys(t, name))
			for _, before := range []int{0, 5, len(captured) / 2, len(captured)} {
				src := &lateKeys{player: captured.play(), lines: slices.Collect(strings.Lines(string(log))),
					packets: before, batch: 3}
				got := analyseSource(t, src, src.await, func(c *Config) { c.Workers = 2 })
				if !sameDigests(want, got) || len(got.handshakes) != len(want.handshakes) ||
					len(got.findings) != len(want.findings) {
					t.Errorf("%s from packet %d, secrets behind packet %d: %d messages of %d, %d handshakes of %d, %v",
						name, from+1, from+before,
						count(digests(got)), count(digests(want)), len(got.handshakes), len(want.handshakes),
						got.names())
				}
			}
		}
	}
}
