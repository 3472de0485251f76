package tls

import (
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// RFC 3610 §8, packet vectors with tags of 8 and 10 octets, nonces of 13.
func TestCCM(t *testing.T) {
	for name, v := range map[string]struct {
		key, nonce, packet, sealed string
		header, tag                int
	}{
		"vector 1": {"C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000003020100A0A1A2A3A4A5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E",
			"0001020304050607588C979A61C663D2F066D0C2C0F989806D5F6B61DAC38417E8D12CFDF926E0", 8, 8},
		"vector 2": {"C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000004030201A0A1A2A3A4A5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
			"000102030405060772C91A36E135F8CF291CA894085C87E3CC15C439C9E43A3BA091D56E10400916", 8, 8},
		"vector 4": {"C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000006050403A0A1A2A3A4A5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E",
			"000102030405060708090A0BA28C6865939A9A79FAAA5C4C2A9D4A91CDAC8C96C861B9C9E61EF1", 12, 8},
		"vector 7": {"C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000009080706A0A1A2A3A4A5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E",
			"00010203040506070135D1B2C95F41D5D1D4FEC185D166B8094E999DFED96C048C56602C97ACBB7490", 8, 10},
	} {
		block, err := aes.NewCipher(unhex(t, v.key))
		if err != nil {
			t.Fatal(err)
		}
		c := ccm{block: block, nonceSize: 13, tagSize: v.tag}
		packet, sealed, nonce := unhex(t, v.packet), unhex(t, v.sealed), unhex(t, v.nonce)
		header := packet[:v.header]
		if got := c.Seal(nil, nonce, packet[v.header:], header); !bytes.Equal(got, sealed[v.header:]) {
			t.Errorf("%s: sealed %x", name, got)
		}
		if got, err := c.Open(nil, nonce, sealed[v.header:], header); err != nil || !bytes.Equal(got, packet[v.header:]) {
			t.Errorf("%s: opened %x, %v", name, got, err)
		}
		for i := range sealed {
			forged := bytes.Clone(sealed)
			forged[i] ^= 0x10
			if _, err := c.Open(nil, nonce, forged[v.header:], forged[:v.header]); err == nil {
				t.Errorf("%s: octet %d forged", name, i)
			}
		}
	}
}

// The vector for SHA-256 that was published on the IETF TLS list in 2009, as other implementations test it.
func TestPRF12(t *testing.T) {
	secret, seed := unhex(t, "9bbe436ba940f017b17652849a71db35"), unhex(t, "a0ba9f936cda311827a6f796ffd5198c")
	want := "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"
	if got := prf12(sha256.New, secret, "test label", seed, 100); hex.EncodeToString(got) != want {
		t.Errorf("%x", got)
	}
}

// RFC 8448 §3: the keys of the server's handshake traffic.
func TestExpandLabel(t *testing.T) {
	secret := unhex(t, "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
	if key := expandLabel(secret, "key", 16); hex.EncodeToString(key) != "3fce516009c21727d0f2e4e86ee403bc" {
		t.Errorf("key %x", key)
	}
	if iv := expandLabel(secret, "iv", 12); hex.EncodeToString(iv) != "5d313eb2671276ee13000b30" {
		t.Errorf("iv %x", iv)
	}
}

// The example of JA4's own description.
func TestJA4(t *testing.T) {
	h := &clientHello{
		version:    versionTLS12,
		versions:   []uint16{0x3a3a, versionTLS13, versionTLS12},
		suites:     []uint16{0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
		extensions: []uint16{0xaaaa, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x9a9a},
		signatures: []uint16{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
		protocols:  []string{"h2", "http/1.1"},
	}
	if got := h.ja4('t'); got != "t13d1516h2_8daaf6152771_e5627efa2ab1" {
		t.Error(got)
	}
	for name, test := range map[string]struct {
		protocols []string
		want      string
	}{"none": {nil, "00"}, "empty": {[]string{""}, "00"}, "one letter": {[]string{"x"}, "xx"}, "octets": {[]string{"\xab\xcd"}, "ad"}} {
		if got := (&clientHello{protocols: test.protocols}).ja4Protocol(); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Every suite that can be opened is one that a name describes, and nothing else of its version is.
func TestSuites(t *testing.T) {
	for suite, want := range map[Suite]string{
		0x1301: "16 GCM SHA-256", 0x1302: "32 GCM SHA-384", 0x1303: "32 ChaCha SHA-256", 0x1304: "16 CCM SHA-256", 0x1305: "16 CCM8 SHA-256",
		0xc02b: "16 GCM SHA-256", 0x009d: "32 GCM SHA-384", 0xc0ac: "16 CCM SHA-256", 0xc0af: "32 CCM8 SHA-256", 0xcca8: "32 ChaCha SHA-256",
		0x002f: "16 CBC SHA-256 SHA-1", 0xc028: "32 CBC SHA-384 SHA-384", 0x003d: "32 CBC SHA-256 SHA-256",
		0x0005: "", 0x000a: "", 0xc09b: "", 0x00ff: "", 0x0041: "",
	} {
		var got string
		version := uint16(versionTLS12)
		if suite>>8 == 0x13 {
			version = versionTLS13
		}
		if p := suite.parameters(version); p != nil {
			mode := "CBC"
			if p.aead != nil {
				a, err := p.aead(make([]byte, p.keySize))
				if err != nil {
					t.Fatal(err)
				}
				mode = map[bool]string{true: "CCM8", false: strings.NewReplacer("*gcm.GCM", "GCM", "tls.ccm", "CCM", "*chacha20poly1305.chacha20poly1305", "ChaCha").Replace(fmt.Sprintf("%T", a))}[a.Overhead() == 8]
			}
			sizes := map[int]string{20: "SHA-1", 32: "SHA-256", 48: "SHA-384"}
			got = fmt.Sprint(p.keySize, " ", mode, " ", sizes[p.prf().Size()])
			if p.mac != nil {
				got += " " + sizes[p.mac().Size()]
			}
		}
		if got != want {
			t.Errorf("%v: %q, want %q", suite, got, want)
		}
		if suite.parameters(versionTLS12^versionTLS13^version) != nil {
			t.Errorf("%v is opened under another version", suite)
		}
	}
}
