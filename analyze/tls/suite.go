package tls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Suite is a cipher suite (RFC 8446 §B.4, RFC 5246 §A.5).
type Suite uint16

// String is the suite's registered name, or its number as in 0x1a1a.
func (s Suite) String() string {
	if name, known := suiteNames[s]; known {
		return name
	}
	return fmt.Sprintf("0x%04x", uint16(s))
}

// bulk is how a suite protects records.
type bulk struct {
	keySize int
	aead    func(key []byte) (cipher.AEAD, error) // nil: block
	// saltSize is how much of the nonce comes from the key block in TLS 1.2; the rest of its 12 octets is explicit.
	saltSize int
	block    func(key []byte) (cipher.Block, error) // in CBC mode, with mac
	mac      func() hash.Hash
}

// bulks are the bulk ciphers that records are opened of, by what the names of suites call them.
var bulks = map[string]*bulk{
	"AES_128_GCM":       {keySize: 16, aead: newGCM, saltSize: 4},
	"AES_256_GCM":       {keySize: 32, aead: newGCM, saltSize: 4},
	"AES_128_CCM":       {keySize: 16, aead: newCCM, saltSize: 4},
	"AES_256_CCM":       {keySize: 32, aead: newCCM, saltSize: 4},
	"AES_128_CCM_8":     {keySize: 16, aead: newCCM8, saltSize: 4},
	"AES_256_CCM_8":     {keySize: 32, aead: newCCM8, saltSize: 4},
	"CHACHA20_POLY1305": {keySize: chacha20poly1305.KeySize, aead: chacha20poly1305.New, saltSize: chacha20poly1305.NonceSize},
	"AES_128_CBC":       {keySize: 16, block: aes.NewCipher},
	"AES_256_CBC":       {keySize: 32, block: aes.NewCipher},
}

// hashes are the hashes at the end of the names of suites.
var hashes = map[string]func() hash.Hash{
	"SHA":    sha1.New,
	"SHA256": sha256.New,
	"SHA384": sha512.New384,
}

// parameters are what it takes to derive the keys of a suite and to use them.
type parameters struct {
	bulk
	prf func() hash.Hash // of the PRF of TLS 1.2 or of HKDF in TLS 1.3
	rsa bool             // the client sends the pre-master secret encrypted with the server's RSA key
	// secretSize is that of prf's hash, octets.
	secretSize int
}

// parameters reads them from the suite's name under version; nil if records of the suite cannot be opened.
func (s Suite) parameters(version uint16) *parameters {
	exchange, name, tls12 := strings.Cut(suiteNames[s], "_WITH_")
	if !tls12 {
		name = strings.TrimPrefix(suiteNames[s], "TLS_")
	}
	if tls12 != (version == versionTLS12) {
		return nil
	}
	// The hash is missing from the names of the CCM suites of TLS 1.2, which use SHA-256 (RFC 6655 §3).
	p := &parameters{prf: sha256.New, rsa: exchange == "TLS_RSA", secretSize: sha256.Size}
	if b := bulks[name]; b != nil {
		p.bulk = *b
		return p
	}
	i := strings.LastIndexByte(name, '_')
	b := bulks[name[:max(i, 0)]]
	h := hashes[name[i+1:]]
	if b == nil || h == nil {
		return nil
	}
	p.bulk = *b
	if p.aead == nil {
		p.mac = h
	}
	if strings.HasSuffix(name, "_SHA384") { // RFC 5289 §3; the PRF is never SHA-1 in TLS 1.2
		p.prf, p.secretSize = h, sha512.Size384
	}
	return p
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func newCCM(key []byte) (cipher.AEAD, error)  { return newAESCCM(key, 16) }
func newCCM8(key []byte) (cipher.AEAD, error) { return newAESCCM(key, 8) }

func newAESCCM(key []byte, tagSize int) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return ccm{block: block, nonceSize: 12, tagSize: tagSize}, nil
}
