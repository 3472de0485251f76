package tls

import (
	"bytes"
	"strings"
	"testing"
	"wshake/analyze/event"
)

func TestLooksLike(t *testing.T) {
	client, server := plainRecord(handshake, scriptClientHello()), plainRecord(handshake, scriptServerHello())
	for name, test := range map[string]struct {
		prefix                      []byte
		client, server, tls, record Verdict
	}{
		"nothing":                {nil, More, More, More, More},
		"a ClientHello":          {client, Yes, No, Yes, Yes},
		"a ServerHello":          {server, No, Yes, Yes, Yes},
		"its first record of 4":  {plainRecord(handshake, client[5:9]), More, No, More, Yes},
		"application data":       {[]byte{23, 3, 3, 0, 40}, No, No, No, Yes},
		"HTTP":                   {[]byte("GET / HTTP/1.1\r\n"), No, No, No, No},
		"SSL 2.0":                {[]byte{0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 16}, No, No, No, No},
		"SSL 3.0":                {append([]byte{22, 3, 0}, client[3:]...), Yes, No, Yes, Yes},
		"DTLS":                   {[]byte{22, 0xfe, 0xfd, 0, 0}, No, No, No, No},
		"an empty record":        {[]byte{22, 3, 1, 0, 0}, No, No, No, No},
		"a record too large":     {[]byte{22, 3, 1, 0x48, 1}, No, No, No, No},
		"a message too large":    {[]byte{22, 3, 1, 1, 0, 1, 2, 0, 0, 3, 3}, No, No, No, Yes},
		"a Certificate":          {[]byte{22, 3, 3, 1, 0, 11, 0, 0, 99, 3, 3}, No, No, No, Yes},
		"version 4 in the hello": {[]byte{22, 3, 3, 1, 0, 1, 0, 0, 99, 4}, No, No, No, Yes},
	} {
		t.Run(name, func(t *testing.T) {
			got := [4]Verdict{LooksLikeClientHello(test.prefix), LooksLikeServerHello(test.prefix), looksLikeTLS(test.prefix), LooksLikeRecord(test.prefix)}
			if want := [4]Verdict{test.client, test.server, test.tls, test.record}; got != want {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
	for i := range client {
		if v := looksLikeTLS(client[:i]); v == No || v == Yes && i < 10 {
			t.Errorf("%d octets: %v", i, v)
		}
	}
}

// What is no handshake, or none that can be read, is told as that, and harms nothing.
func TestOddBeginnings(t *testing.T) {
	hello, answer := scriptClientHello(), scriptServerHello()
	at := func(p []byte, i int, c ...byte) []byte {
		p = bytes.Clone(p)
		copy(p[i:], c)
		return p
	}
	old := at(bytes.Clone(answer[:4+2+32+1+3]), 2, 0, 38)
	old = append(old, vector(2)...)
	sealed := plainRecord(applicationData, make([]byte, 100))
	for name, test := range map[string]struct {
		client, server []byte
		want           string
	}{
		"no hellos":           {sealed, sealed, HandshakeMissing.String()},
		"no ClientHello":      {sealed, append(plainRecord(handshake, answer), sealed...), HandshakeMissing.String()},
		"no ServerHello":      {append(plainRecord(handshake, hello), sealed...), sealed, HandshakeMissing.String()},
		"a torn ClientHello":  {append(plainRecord(handshake, at(hello, 4+2+32, 200)), sealed...), sealed, HandshakeMalformed.String()},
		"a huge ClientHello":  {append(plainRecord(handshake, at(hello, 1, 2)), sealed...), append(plainRecord(handshake, answer), sealed...), HandshakeTooLarge.String()},
		"another message":     {append(plainRecord(handshake, at(hello, 0, 16)), sealed...), sealed, HandshakeMalformed.String()},
		"text":                {[]byte("GET / HTTP/1.1\r\n\r\n"), sealed, HandshakeMalformed.String()},
		"TLS 1.1":             {append(plainRecord(handshake, hello), sealed...), append(plainRecord(handshake, at(old, 4, 3, 2)), sealed...), UnsupportedVersion.String()},
		"RC4":                 {append(plainRecord(handshake, hello), sealed...), append(plainRecord(handshake, at(old, 4+2+32+1, 0, 5)), sealed...), UnsupportedSuite.String()},
		"compression":         {append(plainRecord(handshake, hello), sealed...), append(plainRecord(handshake, at(old, 4+2+32+1, 0xc0, 0x2f, 1)), sealed...), Compressed.String()},
		"no ChangeCipherSpec": {append(plainRecord(handshake, hello), sealed...), append(plainRecord(handshake, at(old, 4+2+32+1, 0xc0, 0x2f)), sealed...), HandshakeMalformed.String()},
		"a refusal":           {plainRecord(handshake, hello), plainRecord(alert, []byte{2, 40}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := dialogue{{side: event.Client, octets: test.client}, {side: event.Server, octets: test.server}}.play(t, keysOf(t, scriptKeyLog()), Config{})
			said := strings.Join(r.log, "\n")
			if test.want != "" && (!strings.Contains(said, "client undecryptable: "+test.want) || !strings.Contains(said, "server undecryptable: "+test.want)) {
				t.Error(said)
			}
			if name == "a refusal" && said != "server handshake_failure" {
				t.Error(said)
			}
			if r.hello == nil || r.hello.Client != (LooksLikeClientHello(test.client) == Yes && !strings.Contains(name, "ClientHello")) {
				t.Errorf("%+v", r.hello)
			}
		})
	}
}

// looksLikeTLS tells whether a stream that begins with prefix begins with a ClientHello or a ServerHello. Octets that
// come before a hello (STARTTLS) make it No: where TLS begins behind plain text is for others to know.
func looksLikeTLS(prefix []byte) Verdict {
	client, server := LooksLikeClientHello(prefix), LooksLikeServerHello(prefix)
	switch {
	case client == Yes || server == Yes:
		return Yes
	case client == More || server == More:
		return More
	}
	return No
}
