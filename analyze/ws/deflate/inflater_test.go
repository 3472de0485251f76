package deflate

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome is all that a message shows.
type outcome struct {
	Text  string
	Facts Facts
	Error string
	Lost  bool
}

// take is an Output that shows an unknown octet as a question mark.
type take func(p []byte)

func (t take) Octets(p []byte) { t(p) }
func (t take) Unknown(n int)   { t(bytes.Repeat([]byte{'?'}, n)) }

// inflate gives a message to z in pieces that end at cuts.
func inflate(z *Inflater, message []byte, cuts ...int) outcome {
	var o outcome
	var text strings.Builder
	out := take(func(p []byte) { text.Write(p) })
	note := func(err error) {
		if err != nil {
			o.Error += err.Error()
		}
	}
	at := 0
	for _, cut := range append(cuts, len(message)) {
		if cut > at && cut <= len(message) {
			note(z.Write(bytes.Clone(message[at:cut]), out))
			at = cut
		}
	}
	note(z.End(out))
	o.Text = text.String()
	o.Facts = z.Facts()
	o.Lost = z.Lost()
	return o
}

// everywhere cuts a message between all octets.
func everywhere(message []byte) []int {
	cuts := make([]int, len(message))
	for i := range cuts {
		cuts[i] = i
	}
	return cuts
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMessage(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4096)
	for name, tt := range map[string]struct {
		cfg  Config
		sent []byte
		want outcome
	}{
		"hello, RFC 7692 7.2.3.1":          {sent: unhex(t, "f248cdc9c90700"), want: outcome{Text: "Hello"}},
		"stored, RFC 7692 7.2.3.3":         {sent: unhex(t, "000500faff48656c6c6f00"), want: outcome{Text: "Hello"}},
		"final block, RFC 7692 7.2.3.4":    {sent: unhex(t, "f348cdc9c9070000"), want: outcome{Text: "Hello", Facts: Facts{FinalBlocks: 1}}},
		"two blocks, RFC 7692 7.2.3.5":     {sent: unhex(t, "f24805000000ffffcac9c90700"), want: outcome{Text: "Hello"}},
		"empty, RFC 7692 7.2.3.6":          {sent: unhex(t, "00"), want: outcome{}},
		"slack, mitmproxy issue 2447":      {sent: unhex(t, "aa562aa92c4855b202519979e94a3a4ac919897979a93940211733470faf506f2f47a068668a9295a19989b9612d00"), want: outcome{Text: `{"type":"typing","channel":"D6AHJUKJA","id":16471}`, Facts: Facts{MaxDistance: 22}}},
		"no octets":                        {sent: nil, want: outcome{Facts: Facts{Unflushed: true}}},
		"tail kept":                        {sent: unhex(t, "f248cdc9c907000000ffff"), want: outcome{Text: "Hello", Facts: Facts{TailKept: true}}},
		"tail kept, then flushed again":    {sent: unhex(t, "f248cdc9c907000000ffff00"), want: outcome{Text: "Hello"}},
		"tail kept as final block":         {sent: append(to().fixed().text("Hello").end().bits(1, 3).align().out, 0, 0, 0xff, 0xff), want: outcome{Text: "Hello", Facts: Facts{FinalBlocks: 1, TailKept: true}}},
		"final block, nothing behind":      {sent: unhex(t, "f348cdc9c90700"), want: outcome{Text: "Hello", Facts: Facts{FinalBlocks: 1, Unflushed: true}}},
		"empty final stored block":         {sent: unhex(t, "f348cdc9c90700 01"), want: outcome{Text: "Hello", Facts: Facts{FinalBlocks: 2}}},
		"final block, more behind":         {sent: to().finalFixed().text("a").end().align().fixed().text("b").match(3, 1).end().flush(), want: outcome{Text: "abbbb", Facts: Facts{FinalBlocks: 1, MaxDistance: 1}}},
		"stored 64 KiB less one":           {sent: to().stored(long[:65535]).flush(), want: outcome{Text: long[:65535]}},
		"empty stored block, then more":    {sent: to().stored("").stored("x").out, want: outcome{Text: "x", Facts: Facts{Unflushed: true}}},
		"stored, ends in tail":             {sent: to().stored("a\x00\x00\xff\xff").out, want: outcome{Text: "a\x00\x00\xff\xff", Facts: Facts{Unflushed: true}}},
		"stored, tail is its content":      {sent: to().stored("abcd").out[:5], want: outcome{Text: "\x00\x00\xff\xff"}},
		"stored, cut short":                {sent: to().stored("abcdefgh").out[:7], want: outcome{Text: "ab", Error: "corrupt deflate data at octet 7: message ends inside a block", Lost: true}},
		"stored, wrong complement":         {sent: unhex(t, "000500fbff48656c6c6f00"), want: outcome{Error: "corrupt deflate data at octet 1: stored length does not match its complement", Lost: true}},
		"reserved block":                   {sent: to().fixed().text("Hello").end().bits(6, 3).align().out, want: outcome{Text: "Hello", Error: "corrupt deflate data at octet 6: reserved block type", Lost: true}},
		"symbol block, cut short":          {sent: to().fixed().text("abcdefgh").out[:6], want: outcome{Text: "abcde", Error: "corrupt deflate data at octet 6: message ends inside a block", Lost: true}},
		"dynamic block, cut in its header": {sent: unhex(t, "0cc081"), want: outcome{Error: "corrupt deflate data at octet 3: message ends inside a block", Lost: true}},
		"length code 286":                  {sent: to().fixed().text("a").code(0xc6, 8).end().flush(), want: outcome{Text: "a", Error: "corrupt deflate data at octet 1: unassigned literal or length code", Lost: true}},
		"distance code 30":                 {sent: to().fixed().text("a").code(1, 7).code(30, 5).end().flush(), want: outcome{Text: "a", Error: "corrupt deflate data at octet 1: unassigned distance code", Lost: true}},
		"distance behind the beginning":    {sent: to().fixed().text("ab").match(3, 3).end().flush(), want: outcome{Text: "ab", Error: "corrupt deflate data at octet 2: distance too far back", Lost: true}},
		"largest distance":                 {sent: to().stored(long[:32768]).fixed().match(3, 32768).end().flush(), want: outcome{Text: long[:32768] + "012", Facts: Facts{MaxDistance: 32768}}},
		"window respected":                 {cfg: Config{WindowBits: 9}, sent: to().stored(long[:1000]).fixed().match(4, 512).end().flush(), want: outcome{Text: long[:1000] + "89ab", Facts: Facts{MaxDistance: 512}}},
		"window exceeded, twice":           {cfg: Config{WindowBits: 9}, sent: to().stored(long[:1000]).fixed().match(4, 513).match(3, 600).end().flush(), want: outcome{Text: long[:1000] + "789a" + "456", Facts: Facts{MaxDistance: 600, BeyondWindow: Reference{1000, 513}}}},
		"8 bits that act as 9":             {cfg: Config{WindowBits: 8}, sent: to().stored(long[:1000]).fixed().match(4, 257).end().flush(), want: outcome{Text: long[:1000] + "789a", Facts: Facts{MaxDistance: 257, BeyondWindow: Reference{1000, 257}}}},
		"without takeover":                 {cfg: Config{NoContextTakeover: true}, sent: to().fixed().text("ab").match(5, 2).end().flush(), want: outcome{Text: "abababa", Facts: Facts{MaxDistance: 2}}},
		"without takeover, corrupt":        {cfg: Config{NoContextTakeover: true}, sent: unhex(t, "06"), want: outcome{Error: "corrupt deflate data at octet 0: reserved block type"}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.want.Facts.InputBytes = int64(len(tt.sent))
			tt.want.Facts.OutputBytes = int64(len(tt.want.Text))
			if diff := cmp.Diff(tt.want, inflate(New(tt.cfg), tt.sent)); diff != "" {
				t.Errorf("whole (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, inflate(New(tt.cfg), tt.sent, everywhere(tt.sent)...)); diff != "" {
				t.Errorf("octet by octet (-want +got):\n%s", diff)
			}
		})
	}
}

// What the fast loop must leave to the careful step, far from both ends of the input.
func TestAmidst(t *testing.T) {
	const text = "a hundred octets and more of text that refers to nothing, so that neither end of the input is anywhere near it"
	begun := func() *blocks { return to().fixed().text(text) }
	at := func(distance int) Reference { return Reference{int64(len(text)), distance} }
	for name, tt := range map[string]struct {
		cfg     Config
		unknown bool
		sent    *blocks
		facts   Facts
		failure string
	}{
		"nothing":             {sent: begun().match(10, 50), facts: Facts{MaxDistance: 50}},
		"length286":           {sent: begun().code(0xc6, 8), failure: "unassigned literal or length code"},
		"distance30":          {sent: begun().code(1, 7).code(30, 5), failure: "unassigned distance code"},
		"behindTheBeginning":  {sent: begun().match(3, 1000), failure: "distance too far back"},
		"behindWhatIsKnown":   {sent: begun().match(3, 1000), unknown: true, facts: Facts{MaxDistance: 1000, UnknownBytes: 3}},
		"beyondTheWindow":     {cfg: Config{WindowBits: 8}, sent: begun().match(258, 1).match(4, 300).match(4, 350), facts: Facts{MaxDistance: 350, BeyondWindow: Reference{int64(len(text)) + 258, 300}}},
		"intoEarlier":         {cfg: Config{NoContextTakeover: true}, sent: begun().match(4, 120).match(4, 200), facts: Facts{MaxDistance: 200, IntoEarlier: at(120)}},
		"intoEarlier, beyond": {cfg: Config{NoContextTakeover: true, WindowBits: 8}, sent: begun().match(4, 300), facts: Facts{MaxDistance: 300, IntoEarlier: at(300), BeyondWindow: at(300)}},
	} {
		t.Run(name, func(t *testing.T) {
			message := tt.sent.text(text).end().flush()
			var whole, cut outcome
			for o, cuts := range map[*outcome][]int{&whole: nil, &cut: everywhere(message)} {
				z := New(tt.cfg)
				inflate(z, to().stored(text+text+text).flush())
				if tt.unknown {
					z.Forget()
				}
				*o = inflate(z, message, cuts...)
			}
			if diff := cmp.Diff(whole, cut); diff != "" {
				t.Errorf("(-whole +cut):\n%s", diff)
			}
			tt.facts.InputBytes, tt.facts.OutputBytes = int64(len(message)), int64(len(whole.Text))
			if diff := cmp.Diff(tt.facts, whole.Facts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !strings.HasSuffix(whole.Error, tt.failure) || whole.Error == "" != (tt.failure == "") {
				t.Errorf("error %q, want %q", whole.Error, tt.failure)
			}
		})
	}
}

func TestDialogue(t *testing.T) {
	first := to().fixed().text("the first message").end().flush()
	again := to().fixed().text("again ").match(13, 19).end().flush() // reads behind its own start
	self := to().fixed().text("to itself").match(6, 6).end().flush()
	broken := unhex(t, "06")
	long := strings.Repeat("0123456789abcdef", 32)

	t.Run("takeover", func(t *testing.T) {
		z := New(Config{})
		inflate(z, first)
		if got := inflate(z, again); got.Text != "again first message" || got.Error != "" || got.Facts.IntoEarlier.Distance != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("no takeover, reads earlier", func(t *testing.T) {
		z := New(Config{NoContextTakeover: true})
		inflate(z, first)
		got := inflate(z, again)
		if want := (Reference{6, 19}); got.Facts.IntoEarlier != want || got.Error != "" || got.Lost {
			t.Errorf("%+v", got)
		}
		if got.Text != "again first message" {
			t.Errorf("text %q", got.Text)
		}
	})
	t.Run("no takeover, after an error", func(t *testing.T) {
		z := New(Config{NoContextTakeover: true})
		inflate(z, broken)
		if got := inflate(z, first); got.Text != "the first message" || got.Error != "" || got.Lost {
			t.Errorf("%+v", got)
		}
	})
	t.Run("takeover, after an error", func(t *testing.T) {
		z := New(Config{})
		inflate(z, first)
		if got := inflate(z, broken); !got.Lost {
			t.Errorf("not lost: %+v", got)
		}
		if got := inflate(z, self); got.Text != "to itselfitself" || got.Error != "" || !got.Lost {
			t.Errorf("a message without history: %+v", got)
		}
		got := inflate(z, to().fixed().match(3, 16).end().flush())
		if got.Text != "?to" || got.Error != "" || got.Facts.UnknownBytes != 1 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("joined midway", func(t *testing.T) {
		z := New(Config{WindowBits: 9})
		z.Forget()
		if !z.Lost() {
			t.Error("not lost at the start")
		}
		if got := inflate(z, again); got.Text != "again "+strings.Repeat("?", 13) || got.Error != "" || got.Facts.UnknownBytes != 13 {
			t.Errorf("%+v", got)
		}
		if got := inflate(z, to().stored(long[:511]).flush()); got.Error != "" || !got.Lost {
			t.Errorf("a window less one: %+v", got)
		}
		if got := inflate(z, to().stored("x").flush()); got.Error != "" || got.Lost {
			t.Errorf("a whole window: %+v", got)
		}
		if got := inflate(z, to().fixed().match(3, 512).end().flush()); got.Text != "012" || got.Error != "" {
			t.Errorf("trusted again: %+v", got)
		}
		if got := inflate(z, to().fixed().match(3, 600).end().flush()); got.Facts.BeyondWindow != (Reference{0, 600}) || got.Text != "???" {
			t.Errorf("beyond the window into the unknown: %+v", got)
		}
	})
	t.Run("joined midway, the window slides", func(t *testing.T) {
		z := New(Config{})
		inflate(z, to().stored(strings.Repeat(long, 120)).flush())
		z.Forget()
		inflate(z, to().stored(strings.Repeat(long, 20)).flush())
		if got := inflate(z, to().fixed().match(3, 10240).end().flush()); got.Text != "012" || got.Error != "" || !got.Lost {
			t.Errorf("%+v", got)
		}
		if got := inflate(z, to().fixed().match(3, 10244).end().flush()); got.Text != "?01" || got.Error != "" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("gap inside a message", func(t *testing.T) {
		z := New(Config{})
		z.Write(first[:5], take(func([]byte) {}))
		z.Forget()
		if err := z.Write(first[9:], nil); err != nil {
			t.Error(err)
		}
		if err := z.End(nil); err != nil {
			t.Error(err)
		}
		if got := inflate(z, first); got.Text != "the first message" || !got.Lost {
			t.Errorf("%+v", got)
		}
	})
}

func TestDiscard(t *testing.T) {
	message := to().stored(strings.Repeat("a", 60000)).stored(strings.Repeat("b", 60000)).flush()
	repeated := to().fixed().text("a")
	for range 1000 {
		repeated.match(258, 1)
	}
	for name, tt := range map[string]struct {
		cfg     Config
		message []byte
	}{
		"takeover":    {Config{}, message},
		"no takeover": {Config{NoContextTakeover: true}, message},
		"symbols":     {Config{}, repeated.end().flush()},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, message := tt.cfg, tt.message
			z := New(cfg)
			calls := 0
			err := z.Write(message, take(func([]byte) { calls++; z.Discard() }))
			if err != ErrStopped || calls != 1 {
				t.Errorf("%v after %d calls", err, calls)
			}
			if err := z.End(nil); err != nil {
				t.Error(err)
			}
			if z.Lost() == cfg.NoContextTakeover {
				t.Errorf("lost: %v", z.Lost())
			}
			if n := z.Facts().InputBytes; n != int64(len(message)) {
				t.Errorf("%d octets of input counted of %d", n, len(message))
			}
			if got := inflate(z, unhex(t, "f248cdc9c90700")); got.Text != "Hello" {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("between writes", func(t *testing.T) {
		z := New(Config{})
		z.Write(message[:100], take(func([]byte) {}))
		z.Discard()
		if err := z.Write(message[100:], nil); err != ErrStopped {
			t.Error(err)
		}
		if err := z.End(nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("after an error", func(t *testing.T) {
		z := New(Config{})
		err := z.Write(to().stored("abc").bits(6, 3).align().out, take(func([]byte) { z.Discard() }))
		if corrupt := new(CorruptError); !errors.As(err, &corrupt) {
			t.Error(err)
		}
	})
	t.Run("no message", func(t *testing.T) {
		z := New(Config{})
		z.Discard()
		if got := inflate(z, unhex(t, "f248cdc9c90700")); got.Text != "Hello" || got.Lost {
			t.Errorf("%+v", got)
		}
	})
}
