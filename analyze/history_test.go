package analyze

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// conversations are the packets of each connection of a tape, in order.
func (t tape) conversations() []tape {
	var keys []reassembly.Key
	parts := map[reassembly.Key]tape{}
	for i, s := range t.segments() {
		if parts[s.Key] == nil {
			keys = append(keys, s.Key)
		}
		parts[s.Key] = append(parts[s.Key], t[i])
	}
	list := make([]tape, len(keys))
	for i, k := range keys {
		list[i] = parts[k]
	}
	return list
}

// digestsOf are those of the messages that the endpoints of a recording wrote down, nil where they wrote none.
func digestsOf(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".truth.json")
	if os.IsNotExist(err) {
		return nil
	}
	var truth struct {
		Connections []struct{ Client, Server []sent }
	}
	if err == nil {
		err = json.Unmarshal(text, &truth)
	}
	if err != nil {
		t.Fatal(err)
	}
	digests := map[string]bool{}
	for _, c := range truth.Connections {
		for _, m := range slices.Concat(c.Client, c.Server) {
			digests[m.SHA256] = true
		}
	}
	return digests
}

// agrees reports whether all that is told of m, a message of a damaged capture, holds for w, a message of the whole
// one.
func agrees(m, w *event.Message) bool {
	if m.SHA256.Known && m.SHA256 != w.SHA256 || m.Length.Known && m.Length != w.Length {
		return false
	}
	if len(m.Payload.Data) > len(w.Payload.Data) {
		return false
	}
	known := bytes.Clone(w.Payload.Data[:len(m.Payload.Data)])
	for _, r := range m.Payload.Unknown {
		clear(known[r.Offset : r.Offset+r.Length])
	}
	return bytes.Equal(known, m.Payload.Data)
}

// tally counts the compressed messages of damaged captures.
type tally struct {
	drops, messages, exact, partly int
	known, octets                  uint64 // of those known partly
}

// checkDrops drops packets of a conversation one at a time, each step packets, and holds what is told of compressed
// messages against what the whole conversation says.
func checkDrops(t *testing.T, whole tape, step int, digests map[string]bool, sum *tally, change ...func(*Config)) {
	t.Helper()
	change = append(change, func(c *Config) { c.Payload = 1 << 20 })
	original := whole.analyse(t, change...)
	if !slices.ContainsFunc(original.messages, func(m event.Message) bool { return m.Compressed }) {
		return
	}
	type place struct {
		from   event.Side
		packet uint64
	}
	sent := map[place][]*event.Message{}
	for i := range original.messages {
		m := &original.messages[i]
		at := place{m.From, m.First.Number}
		sent[at] = append(sent[at], m)
	}
	for k, segment := range whole.segments() {
		if k%step != 0 || len(segment.Payload) == 0 {
			continue
		}
		sum.drops++
		damaged := slices.Delete(slices.Clone(whole), k, k+1).analyse(t, change...)
		for i := range damaged.messages {
			m := &damaged.messages[i]
			if !m.Compressed {
				continue
			}
			at := place{m.From, m.First.Number}
			if at.packet > uint64(k) {
				at.packet++
			}
			sum.messages++
			if m.SHA256.Known {
				sum.exact++
				if digest := hex.EncodeToString(m.SHA256.Value[:]); digests != nil && !digests[digest] {
					t.Errorf("without packet %d: no endpoint sent the %s's message of packet %d, %s", k+1, m.From, at.packet, digest)
				}
			}
			if m.Unknown > 0 && m.Length.Known {
				sum.partly++
				sum.known += m.Length.Value - m.Unknown
				sum.octets += m.Length.Value
			}
			if m.SHA256.Known && m.Unknown > 0 || m.Complete && m.Length.Known && !m.SHA256.Known && m.Unknown == 0 {
				t.Errorf("without packet %d: %+v", k+1, m)
			}
			same := func(w *event.Message) bool { return agrees(m, w) }
			again := place{m.From, uint64(k + 1)} // of the lost packet, which may have been sent again
			if !slices.ContainsFunc(sent[at], same) && !slices.ContainsFunc(sent[again], same) {
				t.Errorf("without packet %d: the %s's message of packet %d, %d octets, %d unknown, is not what was sent",
					k+1, m.From, at.packet, m.Length.Value, m.Unknown)
			}
		}
		for _, f := range damaged.findings {
			decoding := f.Name == "deflate-error" || f.Name == "text-not-utf8"
			if decoding && !slices.Contains(original.names(), f.Name) {
				t.Errorf("without packet %d: %s: %s", k+1, f.Name, f.Text)
			}
		}
	}
}

// Whatever packet of a compressed conversation is lost, every digest told is one that an endpoint wrote down, every
// octet shown is one that was sent, and behind the loss messages are known at least in part.
func TestLostHistory(t *testing.T) {
	step := 1
	switch {
	case racing:
		step = 7
	case need.Brief():
		step = 29
	}
	var sum tally
	for _, path := range sampled(t, recordings(t)) {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			before := sum
			for _, part := range loadTape(t, path).conversations() {
				checkDrops(t, part, step, digestsOf(t, path), &sum, withKeys(t, name))
			}
			if sum.drops > before.drops {
				t.Logf("%d drops: %d messages, %d exact, %d known in part", sum.drops-before.drops,
					sum.messages-before.messages, sum.exact-before.exact, sum.partly-before.partly)
			}
		})
	}
	t.Logf("%+v", sum)
	if sum.partly == 0 || sum.known == 0 || sum.exact == 0 {
		t.Errorf("nothing was known in part: %+v", sum)
	}
}

// The same over the conversations of the conformance suite.
func TestLostHistoryAutobahn(t *testing.T) {
	parts := loadTape(t, filepath.Join(shared(t), "autobahn", "fuzzingserver.pcap.gz")).conversations()
	most := 12
	if racing || need.Brief() {
		most = 1
	}
	var sum tally
	for _, part := range parts {
		checkDrops(t, part, max(1, len(part)/most), nil, &sum)
	}
	t.Logf("%+v", sum)
	if sum.drops > 0 && (sum.partly == 0 || sum.known == 0 || sum.exact == 0) { // the race detector leaves none to sample
		t.Errorf("nothing was known in part: %+v", sum)
	}
}

// The caveat says which messages, how many octets, and from which packet on everything is exact.
func TestInflateLostSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7692))
	fill := fmt.Sprintf("binary deflate %x", random(r, 33<<10))
	const repeat = " earlier octets that were not captured or did not inflate, so that "
	for _, c := range []struct {
		name   string
		behind []string // frames, the first in packet 11, each with an acknowledgement
		want   []string // with the number of the packet that decides it
	}{
		{"toTheEnd", []string{`text deflate "the same words"`},
			[]string{"19 1 compressed message of the client in packet 11 repeats" + repeat + "14 of 14 octets are unknown"}},
		{"notAffected", []string{`text deflate fresh "other words"`}, nil},
		{"exactBehind",
			[]string{`text deflate "the same words"`, `text deflate "and the same words"`, `text deflate fresh "other"`},
			[]string{"23 2 compressed messages of the client in packets 11 to 13 repeat" + repeat + "28 of 32 octets are unknown; " +
				"from packet 15 on everything is exact"}},
		{"windowFull", []string{`text deflate "the same words"`, fill, `text deflate "the end"`},
			[]string{"36 1 compressed message of the client in packet 11 repeats" + repeat + "14 of 14 octets are unknown; " +
				"from packet 13 on everything is exact"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const lost = "-- client frames --\ntext deflate \"the same words\""
			lines := []string{compressedUpgrade, lost, "-- client frames --\nping"}
			for _, b := range c.behind {
				lines = append(lines, "-- client frames --\n"+b)
			}
			whole := script(t, append(lines, farewell)...)
			got := slices.Delete(slices.Clone(whole), 7, 8).analyse(t)
			var said []string
			for _, x := range got.caveats {
				if x.Name == "inflate-lost" {
					said = append(said, fmt.Sprint(x.At.Number, " ", x.Text))
				}
			}
			if diff := cmp.Diff(c.want, said); diff != "" {
				t.Error(diff)
			}
		})
	}
}
