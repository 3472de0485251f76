package deflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	kflate "github.com/klauspost/compress/flate"

	"wshake/testdata/need"
)

// texts are messages of many shapes, some ending exactly where a window does.
func texts() map[string][][]byte {
	r := rand.New(rand.NewPCG(7, 7))
	noise := func(n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(r.Uint32())
		}
		return p
	}
	cut := func(sizes ...int) (msgs [][]byte) {
		all := bytes.Join(jsonMessages(120, 2000), nil)
		for _, n := range sizes {
			msgs = append(msgs, all[:n])
			all = all[n:]
		}
		return msgs
	}
	return map[string][][]byte{
		"json":          jsonMessages(50, 1000),
		"long json":     jsonMessages(2, 100000),
		"32 KiB each":   cut(32768, 32768, 32768, 32768),
		"64 KiB in all": cut(1, 65535, 65536, 4096, 28672, 32768),
		"noise":         {noise(1000), noise(70000), noise(3), noise(32768)},
		"one octet":     {bytes.Repeat([]byte{0}, 100000), bytes.Repeat([]byte{1}, 300)},
		"short periods": {bytes.Repeat([]byte("ab"), 5000), bytes.Repeat([]byte("abc"), 5000), bytes.Repeat([]byte("abcdefg"), 5000), bytes.Repeat([]byte("0123456789abcde"), 5000)},
		"empty between": {nil, []byte("a"), nil, nil, []byte("b")},
	}
}

type compressor interface {
	io.Writer
	Flush() error
}

// sender compresses messages for permessage-deflate.
func sender(tb testing.TB, msgs [][]byte, begin func(w io.Writer) (compressor, error), takeover bool) [][]byte {
	tb.Helper()
	var b bytes.Buffer
	var w compressor
	sent := make([][]byte, len(msgs))
	for i, m := range msgs {
		b.Reset()
		if i == 0 || !takeover {
			var err error
			if w, err = begin(&b); err != nil {
				tb.Fatal(err)
			}
		}
		w.Write(m)
		w.Flush()
		sent[i] = bytes.Clone(bytes.TrimSuffix(b.Bytes(), tail[:]))
	}
	return sent
}

func TestSenders(t *testing.T) {
	type begin func(w io.Writer) (compressor, error)
	levels := map[string]begin{}
	numbers, bits := []int{flate.HuffmanOnly, 0, 1, 6, 9}, []int{8, 9, 12, 15}
	if need.Brief() {
		numbers, bits = []int{flate.HuffmanOnly, 6}, []int{8, 15}
	}
	for _, level := range numbers {
		levels[fmt.Sprintf("std level %d", level)] = func(w io.Writer) (compressor, error) { return flate.NewWriter(w, level) }
	}
	windows := map[string]int{}
	for _, bits := range bits {
		name := fmt.Sprintf("klauspost window %d", bits)
		windows[name] = bits
		levels[name] = func(w io.Writer) (compressor, error) { return kflate.NewWriterWindow(w, 1<<bits) }
	}
	for sample, msgs := range texts() {
		for level, begin := range levels {
			for _, takeover := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/takeover %v", sample, level, takeover), func(t *testing.T) {
					z := New(Config{WindowBits: windows[level], NoContextTakeover: !takeover})
					r := rand.New(rand.NewPCG(1, 2))
					for i, sent := range sender(t, msgs, begin, takeover) {
						got := inflate(z, sent, randomCuts(r, len(sent))...)
						if got.Error != "" || got.Text != string(msgs[i]) {
							t.Fatalf("message %d: %s, %d octets of %d", i, got.Error, len(got.Text), len(msgs[i]))
						}
						f := got.Facts
						if f.BeyondWindow.Distance != 0 || f.IntoEarlier.Distance != 0 || f.TailKept || f.Unflushed && len(sent) > 0 || f.FinalBlocks > 0 {
							t.Fatalf("message %d: %+v", i, f)
						}
					}
				})
			}
		}
	}
}

func randomCuts(r *rand.Rand, n int) []int {
	var cuts []int
	for at := 0; at < n; at += 1 + r.IntN(1+r.IntN(2000)) {
		cuts = append(cuts, at)
	}
	return cuts
}

// stdlib inflates what an endpoint would that appends the tail, as compress/flate does it: a new reader behind each
// final block. err is nil if the data ended where a block may begin.
func stdlib(message []byte) (text []byte, err error) {
	in := bytes.NewReader(append(bytes.Clone(message), tail[:]...))
	for {
		z := flate.NewReaderDict(in, text[max(0, len(text)-history):])
		more, err := io.ReadAll(z)
		text = append(text, more...)
		if err != nil {
			return text, err
		}
		if in.Len() == 0 {
			return text, nil
		}
	}
}

// FuzzAgainstStandard holds an Inflater against compress/flate. They differ in three places: compress/flate does not
// tell data that ends between blocks from data that ends inside one, it reads a block whose end has no code, and what
// an Inflater tolerates at the end of a message is more than 00 00 ff ff completes.
func FuzzAgainstStandard(f *testing.F) {
	for _, msgs := range texts() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			sent := sender(f, msgs, func(w io.Writer) (compressor, error) { return flate.NewWriter(w, level) }, true)
			f.Add(sent[0])
		}
	}
	f.Add(to().finalFixed().text("a").end().align().fixed().text("b").match(3, 2).end().flush())
	f.Fuzz(func(t *testing.T, message []byte) {
		got := inflate(New(Config{}), message)
		want, err := stdlib(message)
		var corrupt flate.CorruptInputError
		refused := errors.As(err, &corrupt)
		tolerated := got.Facts.TailKept || got.Facts.Unflushed
		early := strings.HasSuffix(got.Error, "no code for the end of the block")
		short := strings.HasSuffix(got.Error, "message ends inside a block")
		switch {
		case !bytes.HasPrefix(want, []byte(got.Text)):
			t.Errorf("begins with %q, with compress/flate with %q", got.Text, want)
		case got.Error == "" && !tolerated && (refused || got.Text != string(want)):
			t.Errorf("inflates to %q, with compress/flate to %q, %v", got.Text, want, err)
		case got.Error == "" && len(want) > len(got.Text)+tailRoom:
			t.Errorf("inflates to %d octets, with compress/flate to %d", len(got.Text), len(want))
		case got.Error != "" && !early && !short && (!refused || got.Text != string(want)):
			t.Errorf("%s behind %q, with compress/flate %v behind %q", got.Error, got.Text, err, want)
		}
	})
}

// FuzzSplit gives three messages to two Inflaters, to one cut into pieces.
func FuzzSplit(f *testing.F) {
	json := deflated(f, jsonMessages(3, 3000), 6)
	f.Add(json[0], json[1], json[2], uint64(1), byte(15))
	f.Add(json[2], json[1], json[0], uint64(2), byte(9))
	f.Add(to().fixed().text("ab").match(258, 1).end().flush(), to().stored("abc").flush(), unhex(f, "06"), uint64(3), byte(8|16))
	f.Add(to().fixed().text("ab").match(258, 9).end().flush(), to().stored("abc").flush(), unhex(f, "00"), uint64(3), byte(8|32))
	f.Fuzz(func(t *testing.T, a, b, c []byte, seed uint64, how byte) {
		cfg := Config{WindowBits: int(how & 15), Pool: NewPool(0)}
		if how&16 != 0 {
			cfg.NoContextTakeover = true
		}
		whole, cut := New(cfg), New(cfg)
		if how&32 != 0 {
			whole.Forget()
			cut.Forget()
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for _, message := range [][]byte{a, b, c} {
			want := inflate(whole, message)
			if got := inflate(cut, message, randomCuts(r, len(message))...); got != want {
				t.Fatalf("%x\nwhole %+v\n  cut %+v", message, want, got)
			}
			if want.Facts.OutputBytes != int64(len(want.Text)) || want.Facts.InputBytes != int64(len(message)) {
				t.Fatalf("counts: %+v for %d octets", want.Facts, len(want.Text))
			}
		}
	})
}

// FuzzSender gives what a sender made of a text, in three messages, back to an Inflater.
func FuzzSender(f *testing.F) {
	for _, msgs := range texts() {
		f.Add(msgs[0][:min(len(msgs[0]), 5000)], uint16(100), uint16(3000), byte(6), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, i, j uint16, how byte, takeover bool) {
		a, b := min(int(i), len(text)), min(int(j), len(text))
		msgs := [][]byte{text[:min(a, b)], text[min(a, b):max(a, b)], text[max(a, b):]}
		bits := 15
		begin := func(w io.Writer) (compressor, error) { return flate.NewWriter(w, int(how%12)-2) }
		if how%20 >= 12 {
			bits = int(how%20) - 4
			begin = func(w io.Writer) (compressor, error) { return kflate.NewWriterWindow(w, 1<<bits) }
		}
		z := New(Config{WindowBits: bits, NoContextTakeover: !takeover})
		for i, sent := range sender(t, msgs, begin, takeover) {
			got := inflate(z, sent, len(sent)/2)
			if got.Text != string(msgs[i]) || got.Error != "" || got.Facts.BeyondWindow.Distance > 0 || got.Facts.IntoEarlier.Distance > 0 {
				t.Fatalf("%q: %+v", msgs[i], got)
			}
		}
	})
}
