package tls

import (
	"bytes"
	gotls "crypto/tls"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/tls/keylog"
	"wshake/testdata/need"
)

// eachConversation calls test with what was said in every connection of the recordings.
func eachConversation(t *testing.T, test func(t *testing.T, log string, v *conversation)) {
	n := 0
	eachRecording(t, func(t *testing.T, _, log string, conversations []*conversation) {
		for _, v := range conversations {
			if n++; need.Brief() && n%6 != 0 {
				continue
			}
			if !v.plain() && v.data[event.Client].Len() > 0 {
				t.Run(fmt.Sprint(v.ordinal), func(t *testing.T) { test(t, log, v) })
			}
		}
	})
}

// cut cuts every call into pieces of at most n octets.
func (d dialogue) cut(n int) dialogue {
	var out dialogue
	for _, c := range d {
		for p := c.octets; len(p) > 0; {
			k := min(n, len(p))
			out = append(out, call{side: c.side, octets: p[:k:k]})
			p = p[k:]
		}
	}
	return out
}

// joined makes one call of calls that follow each other from one side.
func (d dialogue) joined() dialogue {
	var out dialogue
	for _, c := range d {
		if n := len(out); n > 0 && out[n-1].side == c.side {
			out[n-1].octets = append(out[n-1].octets, c.octets...)
		} else {
			out = append(out, call{side: c.side, octets: bytes.Clone(c.octets)})
		}
	}
	return out
}

// apart gives all of one side before all of the other, as two captures put together might.
func (d dialogue) apart(first event.Side) dialogue {
	var out dialogue
	for _, side := range [2]event.Side{first, first.Other()} {
		for _, c := range d {
			if c.side == side {
				out = append(out, c)
			}
		}
	}
	return out
}

func TestSplitInvariance(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		keys, want := keysOf(t, log), v.String()
		for name, d := range map[string]dialogue{"single octets": v.calls.cut(1), "sevens": v.calls.cut(7), "joined": v.calls.joined(), "records": v.calls.records()} {
			if got := d.play(t, keys, Config{}).String(); got != want {
				t.Errorf("%s:\n%.300s\nnot\n%.300s", name, got, want)
			}
		}
		for _, first := range [...]event.Side{event.Client, event.Server} {
			r := v.calls.apart(first).play(t, keys, Config{MaxHeld: 1 << 20})
			for side := range r.data {
				if !bytes.Equal(r.data[side].Bytes(), v.data[side].Bytes()) || r.hello.JA4 != v.hello.JA4 || r.hello.Suite != v.hello.Suite {
					t.Errorf("%v first: other data of %v, or another hello %+v\n%s", first, event.Side(side), r.hello, strings.Join(r.log, "\n"))
				}
			}
		}
	})
}

// within tells how many octets are missing from whole in got, if got is whole without one run of octets; -1 if it is
// not.
func within(got, whole []byte) int {
	n := 0
	for n < len(got) && n < len(whole) && got[n] == whole[n] {
		n++
	}
	if len(got) > len(whole) || !bytes.HasSuffix(whole, got[n:]) {
		return -1
	}
	return len(whole) - len(got)
}

// hello tells whether d has a hello of side that is not protected.
func (d dialogue) hello(side event.Side) bool {
	for _, c := range d {
		if c.side == side && (looksLikeTLS(c.octets) == Yes) {
			return true
		}
	}
	return false
}

// A record that is lost costs its own data and nothing else, if the keys are known without it.
func TestLostRecord(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		keys := keysOf(t, log)
		records := v.calls.records()
		for i, lost := range records {
			// The record; its middle; its end and the header behind it, to which the octets before and behind it are joined.
			n := len(lost.octets)
			for name, around := range map[string][2]int{"whole": {0, n}, "middle": {n / 2, n/2 + 1}, "end": {n - 1, n}, "header": {0, 1}} {
				d := append(dialogue{}, records[:i]...)
				d = append(d, call{side: lost.side, octets: lost.octets[:around[0]]}, call{side: lost.side, gap: uint64(around[1] - around[0])},
					call{side: lost.side, octets: lost.octets[around[1]:]})
				d = append(d, records[i+1:]...)
				r := d.play(t, keys, Config{})
				for side := range r.data {
					missing := within(r.data[side].Bytes(), v.data[side].Bytes())
					hello := records[i:].hello(lost.side)
					renegotiation := i > 0 && contentType(lost.octets[0]) == handshake && strings.Contains(t.Name(), "renegotiation")
					switch {
					case missing < 0:
						t.Errorf("record %d, %s: invented data of %v", i, name, event.Side(side))
					case hello || renegotiation: // nothing to open the others with
					case strings.HasPrefix(log, "RSA ") && leadsToMaster(lost.octets, !strings.Contains(t.Name(), "without-extended")):
						if said := strings.Join(r.log, "\n"); missing != v.data[side].Len() || strings.Count(said, ExchangeMissing.String()) != 2 {
							t.Errorf("record %d, %s: %d octets of %v missing\n%s", i, name, missing, event.Side(side), said)
						}
					case event.Side(side) != lost.side && missing > 0, missing > n:
						t.Errorf("record %d (%v, type %d), %s: %d octets of %v missing\n%s", i, lost.side, lost.octets[0], name, missing, event.Side(side), strings.Join(r.log, "\n"))
					case missing > 0 && !strings.Contains(strings.Join(r.log, "\n"), " gap"):
						t.Errorf("record %d, %s: %d octets of %v missing without a gap", i, name, missing, event.Side(side))
					}
				}
			}
		}
	})
}

// Runs of records are lost, and the capture ends somewhere: what is delivered is a part of what was said.
func TestLostRuns(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		keys := keysOf(t, log)
		dice := rand.New(rand.NewPCG(1, 2))
		stream := v.calls.cut(100)
		for range 50 {
			var d dialogue
			for i := 0; i < len(stream); i++ {
				if dice.IntN(20) == 0 {
					d = append(d, call{side: stream[i].side, gap: uint64(len(stream[i].octets))})
				} else {
					d = append(d, stream[i])
				}
				if dice.IntN(2*len(stream)) == 0 {
					break
				}
			}
			r := d.play(t, keys, Config{})
			for side := range r.data {
				if !partOf(r.data[side].Bytes(), v.data[side].Bytes()) {
					t.Errorf("invented data of %v", event.Side(side))
				}
			}
		}
	})
}

// partOf tells whether got is whole with octets left out.
func partOf(got, whole []byte) bool {
	for _, c := range got {
		i := bytes.IndexByte(whole, c)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

// only keeps the lines of a key log that have one of the words.
func only(log string, words ...string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		for _, word := range words {
			if strings.HasPrefix(line, word) {
				b.WriteString(line)
			}
		}
	}
	return b.String()
}

// wrong changes a digit of every secret.
func wrong(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if words := strings.Fields(line); len(words) == 3 {
			digit := byte('0')
			if words[2][0] == digit {
				digit = '1'
			}
			fmt.Fprintf(&b, "%s %s %c%s\n", words[0], words[1], digit, words[2][1:])
		}
	}
	return b.String()
}

func TestKeyLogs(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		tls13 := v.hello.Version == versionTLS13
		for name, test := range map[string]struct {
			log  string
			side [2]Reason // why its data is missing
		}{
			"missing":                        {"", [2]Reason{NoSecret, NoSecret}},
			"wrong":                          {wrong(log), [2]Reason{WrongSecret, WrongSecret}},
			"client only":                    {only(log, "CLIENT_"), [2]Reason{0, NoSecret}},
			"server only":                    {only(log, "SERVER_"), [2]Reason{NoSecret, 0}},
			"without those of the handshake": {only(log, "CLIENT_T", "SERVER_T", "CLIENT_E"), [2]Reason{}},
			"of the handshake only":          {only(log, "CLIENT_H", "SERVER_H"), [2]Reason{NoSecret, NoSecret}},
		} {
			if !tls13 && name != "missing" && name != "wrong" {
				continue
			}
			r := v.calls.play(t, keysOf(t, test.log), Config{})
			said := strings.Join(r.log, "\n")
			for side, why := range test.side {
				if got, want := r.data[side].Bytes(), v.data[side].Bytes(); why == 0 && !bytes.Equal(got, want) || why != 0 && len(got) > 0 {
					t.Errorf("%s: %d octets of %v\n%s", name, len(got), event.Side(side), said)
				}
				if told := fmt.Sprintf("%v undecryptable: %v", event.Side(side), why); why != 0 && strings.Count(said, told) != 1 {
					t.Errorf("%s: not told %q but\n%s", name, told, said)
				}
			}
			if h := r.hello; h.JA4 != v.hello.JA4 || h.SNI != v.hello.SNI || h.Suite != v.hello.Suite || h.Session != v.hello.Session ||
				!tls13 && (h.ALPN != v.hello.ALPN || fmt.Sprint(h.Names) != fmt.Sprint(v.hello.Names)) || h.ALPNKnown != (!tls13 || name == "of the handshake only" || name == "server only") {
				t.Errorf("%s: hello %+v", name, h)
			}
		}
	})
}

// The key log comes late, a line at a time, before or after the connection has ended.
func TestLateSecrets(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		for _, when := range []string{"before its end", "after its end"} {
			keys := new(keylog.Log)
			r := &recorder{t: t}
			c := New(keys, Config{Secrets: SecretsLater, MaxHeld: 1 << 20}, r)
			end := func() {
				c.End(event.Client, At{}, 1)
				c.End(event.Server, At{}, 1)
			}
			for i, call := range v.calls {
				c.Data(call.side, At{Ordinal: uint64(i)}, bytes.Clone(call.octets))
			}
			if when == "after its end" {
				end()
			}
			if c.Done() || !c.Waits() || c.Held() == 0 || r.data[0].Len()+r.data[1].Len() > 0 || len(r.log) > 0 {
				t.Fatalf("told %q without secrets", r.log)
			}
			for line := range strings.Lines(log) {
				keys.Add(strings.NewReader(line))
				c.Retry()
			}
			if when == "before its end" {
				end()
			}
			for side := range r.data {
				if !bytes.Equal(r.data[side].Bytes(), v.data[side].Bytes()) {
					t.Errorf("%s: %d octets of %v instead of %d\n%q", when, r.data[side].Len(), event.Side(side), v.data[side].Len(), r.log)
				}
			}
			if !c.Done() || c.Waits() {
				t.Errorf("%s: not done", when)
			}
		}
	})
}

// Records are held up to the limit and until they are given up, and no longer.
func TestHeldTooMuch(t *testing.T) {
	eachConversation(t, func(t *testing.T, log string, v *conversation) {
		const most = 10000
		r := &recorder{t: t}
		c := New(nil, Config{Secrets: SecretsLater, MaxHeld: most}, r)
		v.calls.cut(50).into(c)
		if n := c.Held(); n > 2*(most+layer.PieceSize) {
			t.Errorf("%d octets held", n)
		}
		c.GiveUp()
		if c.Waits() || !c.Done() {
			t.Error("not done")
		}
		if said := strings.Join(r.log, "\n"); strings.Count(said, NoSecret.String()) != 2 || r.data[0].Len()+r.data[1].Len() > 0 {
			t.Error(said)
		}
	})
}

// A record of TLS 1.2 that is lost behind its header leaves a gap of known size, so acknowledgements still count.
func TestGapOfKnownSize(t *testing.T) {
	config := &gotls.Config{MaxVersion: gotls.VersionTLS12, CipherSuites: []uint16{gotls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
	d, log, said := converse(t, config, config.Clone())
	r := &recorder{t: t}
	c := New(keysOf(t, log), Config{}, r)
	var offset int64 // of the client's stream
	sent := 0
	for _, call := range d.records() {
		switch kind := record(call.octets).kind(); {
		case call.side == event.Client && kind == applicationData && sent == 1: // the second one, of 100 octets
			c.Data(event.Client, At{Acked: -1}, call.octets[:20])
			c.Gap(event.Client, At{Acked: -1}, uint64(len(call.octets)-20))
			sent, offset = 2, offset+int64(len(call.octets))
		case call.side == event.Client:
			c.Data(event.Client, At{Acked: -1}, call.octets)
			offset += int64(len(call.octets))
			if kind == applicationData {
				sent++
			}
		case sent == 2: // all but the last octet of that record are acknowledged
			c.Data(event.Server, At{Acked: offset - 1}, call.octets)
		default:
			c.Data(event.Server, At{Acked: offset}, call.octets)
		}
	}
	if got := r.data[event.Client].Bytes(); within(got, said[event.Client]) != 100 || !strings.Contains(strings.Join(r.log, "\n"), "client gap of 100") {
		t.Errorf("%d octets of %d\n%s", len(got), len(said[event.Client]), strings.Join(r.log, "\n"))
	}
	var acked []int64
	for _, n := range r.acked {
		if n >= 0 && (len(acked) == 0 || acked[len(acked)-1] != n) {
			acked = append(acked, n)
		}
	}
	if want := "[1 20101 20106 60106]"; fmt.Sprint(acked) != want {
		t.Errorf("acknowledged %v, want %v", acked, want)
	}
}
