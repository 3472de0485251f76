package hpack

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"
	"wshake/analyze/http2/hpack/primitive"
)

// octets reads hexadecimal digits and quoted text, blanks between them.
func octets(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for _, word := range strings.Fields(s) {
		if text, quoted := strings.CutPrefix(word, "'"); quoted {
			out = append(out, strings.TrimSuffix(text, "'")...)
			continue
		}
		var p []byte
		if _, err := fmt.Sscanf(word, "%x", &p); err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		out = append(out, p...)
	}
	return out
}

// log prints a block as one line a field; what is not known is a question mark.
func log(b *Block) string {
	var out strings.Builder
	for _, f := range b.Fields {
		name, value := string(f.Name), string(f.Value)
		if f.Unknown&UnknownName != 0 {
			name = "?"
		}
		if f.Unknown&UnknownValue != 0 {
			value = "?"
		}
		fmt.Fprintf(&out, "%s: %s", name, value)
		if f.Never {
			out.WriteString(" (never)")
		}
		out.WriteByte('\n')
	}
	if b.Dropped > 0 {
		fmt.Fprintf(&out, "%d dropped\n", b.Dropped)
	}
	return out.String()
}

// The blocks of RFC 7541 Appendix C, one after the other in one table: C.3 and C.4 requests, C.5 and C.6 responses
// with a table of 256 octets.
func TestExamplesOfTheRFC(t *testing.T) {
	requests := []string{":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n",
		":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache\n",
		":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value\n"}
	responses := []string{
		":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n",
		":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n",
		":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n" +
			"content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n"}
	for _, c := range []struct {
		name   string
		update string
		blocks []string
		want   []string
	}{
		{"C.3", "", []string{
			"828684410f 'www.example.com'",
			"828684be5808 'no-cache'",
			"828785bf400a 'custom-key' 0c 'custom-value'"}, requests},
		{"C.4", "", []string{
			"828684418cf1e3c2e5f23a6ba0ab90f4ff",
			"828684be5886a8eb10649cbf",
			"828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"}, requests},
		{"C.6", "3fe101", []string{
			"488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
			"4883640effc1c0bf",
			"88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"},
			responses},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Decoder
			var b Block
			d.Reset(Limits{})
			for i, block := range c.blocks {
				if i == 0 {
					block = c.update + " " + block
				}
				if err := d.Decode(octets(t, block), &b); err != nil {
					t.Fatal(err)
				}
				if got := log(&b); got != c.want[i] {
					t.Errorf("block %d:\n%swant\n%s", i, got, c.want[i])
				}
			}
		})
	}
}

// What blocks say behind one that was lost.
func TestBehindALostBlock(t *testing.T) {
	long := func(n int) string { return "7f" + varint(n-127) + " '" + strings.Repeat("v", n) + "'" }
	for _, c := range []struct {
		name   string
		before string // a block that was read
		blocks []string
		want   string
	}{
		{"indexed", "4001 'a' 01 'b'", []string{"be"}, "?: ?\n"},
		{"literalWithIndexedName", "4001 'a' 01 'b'", []string{"7e 01 'x'", "be"}, "?: x\n?: x\n"},
		{"added", "", []string{"4001 'a' 01 'b'", "4001 'c' 01 'd'", "be bf c0"}, "a: b\nc: d\nc: d\na: b\n?: ?\n"},
		{"staticIsKnown", "", []string{"82 88 4803 '101'", "be"}, ":method: GET\n:status: 200\n:status: 101\n:status: 101\n"},
		{"emptiedBySize", "", []string{"20 3fe11f 4001 'a' 01 'b'", "be"}, "a: b\na: b\n"},
		// The table may have been emptied or not: what was before it is no longer known.
		{"largerThanTheDefault", "", []string{"4001 'a' 01 'b'", "4001 'c' " + long(5000), "4001 'd' 01 'e'", "be bf c0"},
			"a: b\nc: " + strings.Repeat("v", 5000) + "\nd: e\nd: e\n?: ?\n?: ?\n"},
		{"largerThanAKnownSize", "", []string{"3f41 4001 'a' 01 'b'", "4001 'c' " + long(200), "4001 'd' 01 'e' be"},
			"a: b\nc: " + strings.Repeat("v", 200) + "\nd: e\nd: e\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Decoder
			var b Block
			d.Reset(Limits{})
			if err := d.Decode(octets(t, c.before), &b); err != nil {
				t.Fatal(err)
			}
			d.Lose()
			got := ""
			for _, block := range c.blocks {
				if err := d.Decode(octets(t, block), &b); err != nil {
					t.Fatal(err)
				}
				got += log(&b)
			}
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// varint is the rest of an integer whose prefix is full.
func varint(n int) string {
	s := ""
	for ; n >= 128; n >>= 7 {
		s += fmt.Sprintf("%02x", n&127|128)
	}
	return s + fmt.Sprintf("%02x", n)
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, block string
		want        error
	}{
		{"indexZero", "80", errIndex},
		{"indexBeyondTheTable", "be", errIndex},
		{"nameBeyondTheTable", "7e 01 'x'", errIndex},
		{"integerTooLong", "ff8080808080808000", primitive.ErrInteger},
		{"integerTooLarge", "ffffffffff7f", primitive.ErrInteger},
		{"endsInInteger", "ff80", primitive.ErrShort},
		{"endsInString", "4003 'ab'", primitive.ErrShort},
		{"endsBeforeValue", "4001 'a'", primitive.ErrShort},
		{"huffmanPadding", "4081 ff 00", primitive.ErrHuffman},
		{"updateBehindAField", "82 3f01", errUpdate},
		{"updateTooLarge", "3fe21f", errSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Decoder
			var b Block
			d.Reset(Limits{})
			if err := d.Decode(octets(t, c.block), &b); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if err := d.Decode(octets(t, "be"), &b); err != nil || !b.Unknown {
				t.Errorf("behind the error the table is not unknown: %v", err)
			}
		})
	}
}

// A block whose proper prefix is cut off inside a field is short; between fields it is a block.
func TestPrefixes(t *testing.T) {
	block := octets(t, "82 4803 '403' 0401 '/' 1f0001 'x' 4001 'a' 01 'b'")
	borders := map[int]bool{0: true, 1: true, 6: true, 9: true, 13: true}
	for n := range block {
		var d Decoder
		var b Block
		d.Reset(Limits{})
		if err := d.Decode(block[:n], &b); (err == nil) != borders[n] || err != nil && err != primitive.ErrShort {
			t.Errorf("%d octets: %v", n, err)
		}
	}
}

// Whatever an encoder sends that obeys the table's size, the decoder reads, and once blocks are lost it says nothing
// wrong.
func TestAgainstTheEncoderOfTheLibrary(t *testing.T) {
	known, unknown := 0, 0
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		var wire bytes.Buffer
		encoder := hpack.NewEncoder(&wire)
		encoder.SetMaxDynamicTableSizeLimit(1 << 14)
		var d Decoder
		var b Block
		room := []int{2000, 1 << 14}[seed%2]
		d.Reset(Limits{Table: room})
		d.Announce(1 << 14)
		whole := room == 1<<14
		for range 100 {
			wire.Reset()
			if random.IntN(10) == 0 {
				encoder.SetMaxDynamicTableSize(uint32(random.IntN(1 << 12)))
			}
			var sent []hpack.HeaderField
			for range random.IntN(8) {
				f := hpack.HeaderField{Name: fmt.Sprintf("name-%d", random.IntN(20)), Value: strings.Repeat("v", random.IntN(90)), Sensitive: random.IntN(9) == 0}
				if random.IntN(4) == 0 {
					f.Name = ":path"
				}
				sent = append(sent, f)
				encoder.WriteField(f)
			}
			if random.IntN(20) == 0 {
				d.Lose()
				whole = false
				continue
			}
			if err := d.Decode(wire.Bytes(), &b); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if len(b.Fields) != len(sent) {
				t.Fatalf("seed %d: %d fields of %d", seed, len(b.Fields), len(sent))
			}
			for i, f := range b.Fields {
				name, value := f.Unknown&UnknownName == 0, f.Unknown&UnknownValue == 0
				if name && string(f.Name) != sent[i].Name || value && string(f.Value) != sent[i].Value || f.Never != sent[i].Sensitive {
					t.Fatalf("seed %d: %+v is not %+v", seed, f, sent[i])
				}
				if name && value {
					known++
				} else if unknown++; whole {
					t.Fatalf("seed %d: %+v is not known", seed, f)
				}
			}
		}
	}
	if known < 3*unknown {
		t.Errorf("%d fields known, %d not", known, unknown)
	}
}

// The memory of a table and of a block is bounded, whatever is sent.
func TestBounds(t *testing.T) {
	var d Decoder
	var b Block
	d.Reset(Limits{Fields: 100, List: 10000, Table: 1000})
	d.Announce(1 << 30)
	if err := d.Decode(octets(t, "3fe1ffffff03"), &b); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(bytes.Repeat(octets(t, "4001 'a' 02 'bc'"), 10000), &b); err != nil {
		t.Fatal(err)
	}
	if d.table.octets > 1000 || len(d.table.ring) > 64 {
		t.Errorf("the table holds %d octets in %d places", d.table.octets, len(d.table.ring))
	}
	if len(b.Fields) != 100 || b.Dropped != 9900 {
		t.Errorf("%d fields, %d dropped", len(b.Fields), b.Dropped)
	}
	// A block of references to one large entry.
	if err := d.Decode(append(octets(t, "4001 'a' 7f"+varint(900-127)+" '"+strings.Repeat("v", 900)+"'"), bytes.Repeat([]byte{0xbe}, 60000)...), &b); err != nil {
		t.Fatal(err)
	}
	if b.list > 10000 || b.Dropped < 59900 {
		t.Errorf("%d octets, %d dropped", b.list, b.Dropped)
	}
}

// A block of which all is in the tables costs no memory.
func TestIndexedFieldsAllocateNothing(t *testing.T) {
	var d Decoder
	var b Block
	d.Reset(Limits{})
	if err := d.Decode(octets(t, "4001 'a' 01 'b' 82 86"), &b); err != nil {
		t.Fatal(err)
	}
	block := octets(t, "82 86 84 be 0f0d 03 '123'")
	if n := testing.AllocsPerRun(100, func() {
		if err := d.Decode(block, &b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What the library's decoder reads, this one reads alike.
func FuzzAgainstLibrary(f *testing.F) {
	for _, block := range []string{"828684418cf1e3c2e5f23a6ba0ab90f4ff", "4001 'a' 01 'b' be", "3fe101 82 be", "20 3f01 4001 'a' 01 'b'", "ff8000", "1f0001 'x'"} {
		p := octets(f, block)
		f.Add(p, p, false)
		f.Add(p, p, true)
	}
	f.Fuzz(func(t *testing.T, first, second []byte, lost bool) {
		var d Decoder
		var b Block
		d.Reset(Limits{Fields: 1 << 20, List: 1 << 30})
		library := hpack.NewDecoder(4096, nil)
		for i, block := range [][]byte{first, second} {
			if i == 1 && lost {
				d.Lose()
			}
			want, failed := library.DecodeFull(block)
			err := d.Decode(block, &b)
			switch {
			case failed != nil && err == nil && !(i == 1 && lost):
				t.Fatalf("the library says %v", failed)
			case failed == nil && err != nil && err != errUpdate && err != primitive.ErrInteger:
				t.Fatalf("%v; the library reads it", err)
			case failed != nil || err != nil:
				return
			case len(want) != len(b.Fields):
				t.Fatalf("%d fields, want %d", len(b.Fields), len(want))
			}
			for i, f := range b.Fields {
				if f.Unknown&UnknownName == 0 && string(f.Name) != want[i].Name || f.Unknown&UnknownValue == 0 && string(f.Value) != want[i].Value {
					t.Fatalf("field %d is %q: %q (%d), want %+v", i, f.Name, f.Value, f.Unknown, want[i])
				}
			}
		}
	})
}

// Where the first blocks were lost, what is known of the later ones is what they said.
func FuzzBlocks(f *testing.F) {
	for _, blocks := range [][3]string{
		{"4001 'a' 01 'b'", "be 4001 'c' 01 'd'", "be bf 7f00 01 'e'"},
		{"82", "4082 'xy' 00 c0", "7e 01 'x' bf"},
		{"3fe11f 4001 'a' 01 'b'", "20 3f01 be", "be"},
	} {
		f.Add(octets(f, blocks[0]), octets(f, blocks[1]), octets(f, blocks[2]))
	}
	f.Fuzz(func(t *testing.T, first, second, third []byte) {
		var whole, late Decoder
		var want, got Block
		whole.Reset(Limits{Table: 300})
		late.Reset(Limits{Table: 300})
		if whole.Decode(first, &want) != nil || whole.table.limit != defaultLimit {
			return // what Lose assumes does not hold
		}
		late.Lose()
		for _, block := range [][]byte{second, third} {
			failed := whole.Decode(block, &want)
			err := late.Decode(block, &got)
			if failed != nil || err != nil {
				if failed == nil {
					t.Fatal(err)
				}
				return
			}
			if len(got.Fields) != len(want.Fields) && got.Dropped+want.Dropped == 0 {
				t.Fatalf("%d fields, want %d", len(got.Fields), len(want.Fields))
			}
			for i, f := range got.Fields[:min(len(got.Fields), len(want.Fields))] {
				w := want.Fields[i]
				if unknown := f.Unknown | w.Unknown; unknown&UnknownName == 0 && !bytes.Equal(f.Name, w.Name) || unknown&UnknownValue == 0 && !bytes.Equal(f.Value, w.Value) {
					t.Fatalf("field %d is %+v, want %+v", i, f, w)
				}
			}
			if whole.table.octets > 300 || late.table.octets > 300 {
				t.Fatal("too much is kept")
			}
		}
	})
}
