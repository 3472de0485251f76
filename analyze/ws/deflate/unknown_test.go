package deflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	kflate "github.com/klauspost/compress/flate"
)

// partly is an Output that keeps which octets are unknown.
type partly struct {
	octets []byte // 0 where unknown
	marks  []byte
}

func (o *partly) Octets(p []byte) {
	o.octets = append(o.octets, p...)
	o.marks = append(o.marks, make([]byte, len(p))...)
}

func (o *partly) Unknown(n int) {
	o.octets = append(o.octets, make([]byte, n)...)
	o.marks = append(o.marks, bytes.Repeat([]byte{unknown}, n)...)
}

// behind inflates messages with compress/flate behind a history and returns what they make together.
func behind(t *testing.T, history []byte, messages [][]byte) []byte {
	t.Helper()
	var stream []byte
	for _, m := range messages {
		stream = append(append(stream, m...), tail[:]...)
	}
	text, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(stream), history))
	if err != nil && err != io.ErrUnexpectedEOF { // the stream has no final block
		t.Fatal(err)
	}
	return text
}

// An octet that does not depend on the history is the same behind any history. So compress/flate, given one history
// and then another that differs from it in every octet, tells exactly which octets are unknown.
func checkLost(t *testing.T, z *Inflater, r *rand.Rand, messages, texts [][]byte) {
	t.Helper()
	one, other := make([]byte, history), make([]byte, history)
	for i := range one {
		one[i] = byte(r.Uint32())
		other[i] = ^one[i]
	}
	want, differs := behind(t, one, messages), behind(t, other, messages)
	at := 0
	for i, m := range messages {
		var got partly
		lost := z.Lost()
		for cut := 0; cut < len(m); {
			n := min(1+r.IntN(len(m)), len(m)-cut)
			if err := z.Write(m[cut:cut+n], &got); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
			cut += n
		}
		if err := z.End(&got); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if len(got.octets) != len(texts[i]) {
			t.Fatalf("message %d: %d octets of %d", i, len(got.octets), len(texts[i]))
		}
		count := int64(0)
		for j, c := range got.octets {
			dark := want[at+j] != differs[at+j]
			if dark != (got.marks[j] == unknown) {
				t.Fatalf("message %d: octet %d of %d unknown: %v, want %v", i, j, len(got.octets), !dark, dark)
			}
			if dark {
				count++
			} else if c != texts[i][j] {
				t.Fatalf("message %d: octet %d of %d is %#x, want %#x", i, j, len(got.octets), c, texts[i][j])
			}
		}
		f := z.Facts()
		if f.UnknownBytes != count || f.OutputBytes != int64(len(texts[i])) || count > 0 && !lost {
			t.Fatalf("message %d: %d octets unknown, lost before: %v, %+v", i, count, lost, f)
		}
		at += len(got.octets)
	}
}

// checkLosses sends msgs and loses some: a first part, then one here and there, whole or from its middle on.
func checkLosses(t *testing.T, r *rand.Rand, cfg Config, sent, msgs [][]byte) {
	t.Helper()
	z := New(cfg)
	z.Forget()
	next := r.IntN(len(sent) + 1)
	for next < len(sent) {
		run := min(1+r.IntN(len(sent)), len(sent)-next)
		checkLost(t, z, r, sent[next:next+run], msgs[next:next+run])
		if next += run; next == len(sent) {
			break
		}
		if m := sent[next]; r.IntN(2) == 0 && len(m) > 0 {
			begun := new(partly)
			z.Write(m[:r.IntN(len(m))], begun)
			for j, c := range begun.octets {
				if begun.marks[j] != unknown && c != msgs[next][j] {
					t.Fatalf("message %d, cut: octet %d is %#x, want %#x", next, j, c, msgs[next][j])
				}
			}
			z.Forget()
			z.End(nil)
		}
		z.Forget()
		next++
	}
	z.Release()
}

// Behind a loss every message inflates to its length, and exactly those octets are unknown that depend on what was
// lost.
func TestUnknownHistory(t *testing.T) {
	for name, msgs := range texts() {
		if len(msgs) == 1 {
			msgs = [][]byte{msgs[0], msgs[0], msgs[0]}
		}
		t.Run(name, func(t *testing.T) {
			for _, bits := range []int{8, 11, 15} {
				sent := sender(t, msgs, func(w io.Writer) (compressor, error) { return kflate.NewWriterWindow(w, 1<<bits) }, true)
				for seed := range uint64(4) {
					checkLosses(t, rand.New(rand.NewPCG(seed, 5)), Config{WindowBits: bits, Pool: NewPool(1)}, sent, msgs)
				}
			}
			sent := sender(t, msgs, func(w io.Writer) (compressor, error) { return flate.NewWriter(w, 9) }, true)
			for seed := range uint64(4) {
				checkLosses(t, rand.New(rand.NewPCG(seed, 6)), Config{}, sent, msgs)
			}
		})
	}
}

// What was unknown slides out of the window where it is not repeated, and the marks go back to the Pool.
func TestExactAgain(t *testing.T) {
	pool := NewPool(0)
	r := rand.New(rand.NewPCG(7, 8))
	msgs := make([][]byte, 200)
	for i := range msgs {
		msgs[i] = make([]byte, 1000)
		for j := range msgs[i] {
			msgs[i][j] = byte('A' + r.IntN(20))
		}
	}
	sent := deflated(t, msgs, 6)
	z := New(Config{Pool: pool})
	inflate(z, sent[0])
	z.Forget()
	marked, touched := false, 0
	for i, m := range sent[2:] {
		got := inflate(z, m)
		if got.Facts.UnknownBytes > 0 {
			touched++
		} else if got.Text != string(msgs[i+2]) {
			t.Fatalf("message %d differs", i+2)
		}
		marked = marked || z.marks != nil
	}
	if !marked || touched == 0 || z.marks != nil || z.Lost() {
		t.Errorf("marked: %v; %d messages touched; marks left: %v; lost: %v", marked, touched, z.marks != nil, z.Lost())
	}
	if n := len(pool.free[len(windowSizes)-1]); n != 1 {
		t.Errorf("%d free windows of the largest size, want the marks'", n)
	}
}

// References that no sender makes: they overlap what they repeat, and cross the border of what is known.
func TestRepeatUnknown(t *testing.T) {
	for name, tt := range map[string]struct {
		sent *blocks
		want string
	}{
		"acrossTheBorder":   {to().fixed().text("ab").match(6, 4), "ab??ab??"},
		"overlapping":       {to().fixed().match(10, 3), strings.Repeat("?", 10)},
		"overlappingKnown":  {to().fixed().text("a").match(7, 2), "a?a?a?a?"},
		"longest, farthest": {to().fixed().text("a").match(258, 32768), "a" + strings.Repeat("?", 258)},
		"knownBetween":      {to().fixed().text("a").match(3, 5).text("b").match(3, 1).match(5, 8), "a???bbbba???b"},
		"stored":            {to().fixed().match(3, 1).end().stored("xyz").fixed().match(6, 5), "???xyz??xyz?"},
	} {
		t.Run(name, func(t *testing.T) {
			message := tt.sent.end().flush()
			for _, cuts := range [][]int{nil, everywhere(message)} {
				z := New(Config{})
				z.Forget()
				got := inflate(z, message, cuts...)
				if n := strings.Count(tt.want, "?"); got.Text != tt.want || got.Error != "" || got.Facts.UnknownBytes != int64(n) {
					t.Errorf("%+v", got)
				}
			}
		})
	}
}

// Discard from inside of Unknown ends the message there.
func TestDiscardUnknown(t *testing.T) {
	z := New(Config{})
	z.Forget()
	calls := 0
	err := z.Write(to().fixed().text("a").match(5, 9).text("b").match(4, 9).end().flush(), take(func(p []byte) {
		if calls++; p[0] == '?' {
			z.Discard()
		}
	}))
	if err != ErrStopped || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
	z.End(nil)
	if got := inflate(z, unhex(t, "f248cdc9c90700")); got.Text != "Hello" || got.Error != "" {
		t.Errorf("%+v", got)
	}
}

// FuzzUnknownHistory sends parts of a text, some of them again, and loses some of the messages: what is known behind a
// loss is what the sender sent, and what is unknown depends on what was lost.
func FuzzUnknownHistory(f *testing.F) {
	for _, msgs := range texts() {
		f.Add(msgs[0][:min(len(msgs[0]), 5000)], uint64(len(msgs)), byte(6))
	}
	f.Add([]byte(strings.Repeat("a hundred and one words ", 40)), uint64(3), byte(15))
	f.Fuzz(func(t *testing.T, text []byte, seed uint64, how byte) {
		r := rand.New(rand.NewPCG(seed, uint64(how)))
		msgs := make([][]byte, 1+r.IntN(12))
		for i := range msgs {
			from := r.IntN(len(text) + 1)
			msgs[i] = text[from : from+r.IntN(len(text)-from+1)]
		}
		cfg := Config{WindowBits: 15}
		begin := func(w io.Writer) (compressor, error) { return flate.NewWriter(w, int(how%12)-2) }
		if how%20 >= 12 {
			cfg.WindowBits = int(how%20) - 4
			begin = func(w io.Writer) (compressor, error) { return kflate.NewWriterWindow(w, 1<<cfg.WindowBits) }
		}
		checkLosses(t, r, cfg, sender(t, msgs, begin, true), msgs)
	})
}
