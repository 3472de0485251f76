package ws

import "testing"

func TestAccept(t *testing.T) {
	for key, want := range map[string]string{
		"dGhlIHNhbXBsZSBub25jZQ==": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", // RFC 6455 §1.3
		"x3JJHMbDL1EzLkh9GBhXDw==": "HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
	} {
		if got := Accept(key); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

func TestValidKey(t *testing.T) {
	for _, c := range []struct {
		name, key string
		want      KeyVerdict
	}{
		{"sample", "dGhlIHNhbXBsZSBub25jZQ==", KeyValid},
		{"zero", "AAAAAAAAAAAAAAAAAAAAAA==", KeyValid},
		{"trailingBits", "dGhlIHNhbXBsZSBub25jZR==", KeyNoncanonical},
		{"empty", "", KeyMalformed},
		{"unpadded", "dGhlIHNhbXBsZSBub25jZQ", KeyMalformed},
		{"short", "dGhlIHNhbXBsZSBub24=", KeyMalformed},
		{"seventeen", "dGhlIHNhbXBsZSBub25jZSE=", KeyMalformed},
		{"eighteen", "dGhlIHNhbXBsZSBub25jZSEh", KeyMalformed},
		{"urlAlphabet", "dGhlIHNhbXBsZSBub2-_ZQ==", KeyMalformed},
		{"blankBehind", "dGhlIHNhbXBsZSBub25jZQ== ", KeyMalformed},
		{"lineBreaks", "dGhlIHNhbXBsZSBu\r\nYWFhZ==", KeyMalformed},
		{"twoKeys", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", KeyMalformed},
	} {
		if got := ValidKey(c.key); got != c.want {
			t.Errorf("%s: %q is %v, want %v", c.name, c.key, got, c.want)
		}
	}
}

func TestOddNames(t *testing.T) {
	if got := Odd(1<<odds - 1).String(); got != "rsv rsv1-continuation rsv1-control reserved-opcode mask length-form top-bit "+
		"control-long control-fragmented continuation interrupts after-close close-again key-zero key-constant key-counting" {
		t.Error(got)
	}
	if Odd(0).String() != "" || !OddMask.Has(OddMask|OddRSV) || OddMask.Has(OddRSV) {
		t.Error("sets")
	}
}

func TestWhatIsThis(t *testing.T) {
	for _, c := range []struct{ prefix, want string }{
		{"HTTP/1.1 200 OK\r\n", "HTTP response"},
		{"GET / HTTP/1.1", "HTTP request"},
		{"0\r\n\r\n", "end of a chunked HTTP body"},
		{"\x16\x03\x01\x02\x00\x01", "TLS record"},
		{"SSH-2.0-OpenSSH_9.6", "SSH banner"},
		{`{"a":1}`, "JSON text"},
		{"HTT", ""},
		{"", ""},
		{"5\r\nhello\r\n", "chunk of an HTTP body"},
		{"1f4\r\n", "chunk of an HTTP body"},
		{"123456789\r\n", ""},
		{"5\rx", ""},
		{"0005\r\n", ""},
		{"\x81\x05Hello", ""},
		{"\x88\x02\x03\xe8", ""},
	} {
		if got := WhatIsThis([]byte(c.prefix)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.prefix, got, c.want)
		}
	}
}

// What begins the size of a chunk cannot begin a frame either, and is no other signature.
func TestChunkSizes(t *testing.T) {
	for _, c := range "123456789abcdef" {
		for _, line := range []string{string(c) + "\r\n", string(c) + "00\r\n"} {
			if h, _ := ParseHeader([]byte(line)); h.FIN || h.RSV == 0 {
				t.Errorf("%q begins like %v", line, h)
			}
			if m, sig := recognise([]byte(line)); m != matchFull || sig.what != chunk {
				t.Errorf("%q: %d, %q", line, m, sig.what)
			}
			for n := 1; n < len(line); n++ {
				if m, _ := recognise([]byte(line[:n])); m != matchPart {
					t.Errorf("%q: %d", line[:n], m)
				}
			}
		}
	}
}

// No signature begins like a frame that a faulty peer may send, and none is the beginning of another.
func TestSignatures(t *testing.T) {
	for i, s := range signatures {
		if h, n := ParseHeader([]byte(s.prefix)); n == 0 || h.FIN || h.RSV == 0 && !h.Opcode.Reserved() {
			t.Errorf("%q begins like %v", s.prefix, h)
		}
		for j, other := range signatures {
			if i != j && len(other.prefix) >= len(s.prefix) && other.prefix[:len(s.prefix)] == s.prefix {
				t.Errorf("%q begins with %q", other.prefix, s.prefix)
			}
		}
	}
}
