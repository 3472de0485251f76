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
	"wshake/testdata/need"
)

// quicRecordings are those of WebSocket over HTTP/3.
func quicRecordings(tb testing.TB) (names []string) {
	for _, path := range glob(tb, filepath.Join("..", "testdata", "captures", "h3-*.pcapng")) {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".pcapng"))
	}
	return names
}

// digests are the digests of the whole messages of each side of each stream, in order.
func digests(r *recorder) map[string][]string {
	all := map[string][]string{}
	for i := range r.messages {
		if m := &r.messages[i]; m.Complete {
			k := fmt.Sprintf("%v/%d %s", m.Conn.Peer, m.Conn.Stream.Value, m.From)
			all[k] = append(all[k], fmt.Sprintf("%x", m.SHA256.Value))
		}
	}
	return all
}

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
	for _, name := range quicRecordings(t) {
		t.Run(name, func(t *testing.T) {
			whole := loadTape(t, recording(name))
			keys := withKeys(t, name)
			want := whole.analyse(t, keys)
			all := count(digests(want))
			step := 1
			if len(whole) > 120 || need.Brief() && !racing {
				step = 7
			}
			for i := 0; i < len(whole); i += step {
				what := fmt.Sprintf("without packet %d", i+1)
				got := slices.Delete(slices.Clone(whole), i, i+1).analyse(t, keys)
				nothingInvented(t, what, want, got)
				carried := carries(want, uint64(i+1))
				if lost := all - count(digests(got)); lost > carried && !opens(want, uint64(i+1)) {
					t.Errorf("%s: %d messages were lost, it carried parts of %d", what, lost, carried)
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

// opens reports whether a packet belongs to the beginning of a connection or of a WebSocket: without it secrets or
// heads are missing, and nothing is sent again.
func opens(r *recorder, packet uint64) bool {
	for i := range r.connections {
		first, until := r.connections[i].Conn.Ordinal, r.connections[i].Conn.Ordinal+8
		for j := range r.handshakes {
			if h := &r.handshakes[j]; h.Conn.Ordinal == first && h.Response != nil {
				until = max(until, h.Response.Last.Number)
			}
		}
		if first <= packet && packet <= until {
			return true
		}
	}
	return false
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
