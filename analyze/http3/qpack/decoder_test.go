package qpack

import (
	"fmt"
	"testing"
)

func fieldsOf(b *Block) (s string) {
	for _, f := range b.Fields {
		s += fmt.Sprintf("%s=%s;", f.Name, f.Value)
	}
	return s
}

// The example of RFC 9204 §B.1 to §B.5: literals, inserts, post-base references, duplicates and eviction.
func TestExamplesOfTheRFC(t *testing.T) {
	var d Decoder
	var b Block
	d.Reset(Limits{})
	d.Announce(220)
	section := func(p, want string) {
		t.Helper()
		if err := d.Decode([]byte(p), &b); err != nil || fieldsOf(&b) != want {
			t.Errorf("%q, %v; want %q", fieldsOf(&b), err, want)
		}
	}
	encoder := func(p string) {
		t.Helper()
		for i := range len(p) { // octet by octet
			if err := d.Encoder([]byte(p[i:i+1]), nil); err != nil {
				t.Error(err)
			}
		}
	}
	section("\x00\x00\x51\x0b/index.html", ":path=/index.html;")
	encoder("\x3f\xbd\x01\xc0\x0fwww.example.com\xc1\x0c/sample/path")
	section("\x03\x81\x10\x11", ":authority=www.example.com;:path=/sample/path;")
	encoder("\x4acustom-key\x0ccustom-value")
	if err := d.Decode([]byte("\x06\x00\x80"), &b); err != ErrBlocked {
		t.Errorf("a block that is blocked: %v", err)
	}
	encoder("\x02")
	section("\x05\x00\x80\xc1\x81", ":authority=www.example.com;:path=/;custom-key=custom-value;")
	encoder("\x81\x0dcustom-value2")
	if d.first != 1 || d.inserted() != 5 || d.size != 215 {
		t.Errorf("first %d, inserted %d, %d octets", d.first, d.inserted(), d.size)
	}
}

// Any octets: no panic, the table within its capacity.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x3f\xbd\x01\xc0\x0fwww.example.com\xc1\x0c/sample/path"), []byte("\x03\x81\x10\x11"))
	f.Fuzz(func(t *testing.T, encoder, section []byte) {
		var d Decoder
		var b Block
		d.Reset(Limits{Table: 1000})
		d.Announce(4096)
		d.Encoder(encoder, nil)
		if d.size > 1000 {
			t.Errorf("%d octets are kept", d.size)
		}
		d.Decode(section, &b)
		d.Lose()
		d.Decode(section, &b)
	})
}
