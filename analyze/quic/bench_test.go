package quic

import (
	"crypto/tls"
	"encoding/binary"
	"testing"
)

// BenchmarkOpen is the decryption of full packets of 1-RTT. Beside it: openssl speed -evp aes-128-gcm -bytes 1200
// (aes-256-gcm, chacha20-poly1305).
func BenchmarkOpen(b *testing.B) {
	const size, idLength = 1200, 8
	for i := range suites {
		s := &suites[i]
		b.Run(tls.CipherSuiteName(s.number), func(b *testing.B) {
			k := keys{secret: make([]byte, s.size)}
			k.derive(Version1, s)
			header := make([]byte, 1+idLength+4)
			header[0] = 0x43 // a short header, four octets of packet number
			sealed := sealShort(&k, 7, header, make([]byte, size-len(header)-16))
			c := &Conn{reader: NewReader(nil, Limits{}, false), credit: maxCredit}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, ok := c.unseal(&k, levelApplication, Client, sealed, 1+idLength); !ok {
					b.Fatal("it does not open")
				}
			}
		})
	}
}

// sealShort protects a packet of 1-RTT (RFC 9001 §5.3, §5.4), whose header ends with four octets for the number.
func sealShort(k *keys, number uint32, header, content []byte) []byte {
	at := len(header) - 4
	p := append([]byte(nil), header...)
	binary.BigEndian.PutUint32(p[at:], number)
	nonce := append([]byte(nil), k.now.iv...)
	for i, c := range p[at:] {
		nonce[8+i] ^= c
	}
	p = k.now.aead.Seal(p, nonce, content, p[:len(p):len(p)])
	mask := k.masker.mask(p[at+4:])
	p[0] ^= mask[0] & 0x1f
	for i := range 4 {
		p[at+i] ^= mask[1+i]
	}
	return p
}
