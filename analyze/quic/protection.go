package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// suite is a cipher suite as QUIC uses it (RFC 9001 §5.3, §5.4).
type suite struct {
	number  uint16 // in the registry of TLS
	hash    func() hash.Hash
	size    int // of the hash, octets
	keySize int
	chacha  bool
}

// suites are those that are read; a secret of 48 octets belongs to the one with SHA-384.
var suites = [...]suite{
	{number: 0x1301, hash: sha256.New, size: sha256.Size, keySize: 16},
	{number: 0x1303, hash: sha256.New, size: sha256.Size, keySize: chacha20poly1305.KeySize, chacha: true},
	{number: 0x1302, hash: sha512.New384, size: sha512.Size384, keySize: 32},
}

// suiteOf finds a suite; nil where it is not read.
func suiteOf(number uint16) *suite {
	for i := range suites {
		if suites[i].number == number {
			return &suites[i]
		}
	}
	return nil
}

// sampleSize is how much of a packet header protection samples, octets.
const sampleSize = 16

// masker computes the mask of header protection (RFC 9001 §5.4).
type masker struct {
	block  cipher.Block // nil with ChaCha20
	key    []byte       // of ChaCha20
	sealed [sampleSize]byte
}

func newMasker(v Version, s *suite, secret []byte) *masker {
	key := expandLabel(s.hash, secret, versionParameters[v].hp, s.keySize)
	if s.chacha {
		return &masker{key: key}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only a size that no suite has is refused
	}
	return &masker{block: block}
}

// mask computes five octets of mask from a sample.
func (m *masker) mask(sample []byte) (mask [5]byte) {
	if m.block != nil {
		m.block.Encrypt(m.sealed[:], sample)
		copy(mask[:], m.sealed[:])
		return mask
	}
	c, err := chacha20.NewUnauthenticatedCipher(m.key, sample[4:sampleSize])
	if err != nil {
		panic(err) // likewise
	}
	c.SetCounter(binary.LittleEndian.Uint32(sample))
	m.sealed = [sampleSize]byte{}
	c.XORKeyStream(m.sealed[:5], m.sealed[:5])
	copy(mask[:], m.sealed[:])
	return mask
}

// sealer opens packets under one key (RFC 9001 §5.3).
type sealer struct {
	aead  cipher.AEAD
	iv    []byte
	nonce [12]byte // scratch
}

func newSealer(v Version, s *suite, secret []byte) *sealer {
	p := versionParameters[v]
	key := expandLabel(s.hash, secret, p.key, s.keySize)
	k := &sealer{iv: expandLabel(s.hash, secret, p.iv, 12)}
	var err error
	if s.chacha {
		k.aead, err = chacha20poly1305.New(key)
	} else {
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			k.aead, err = cipher.NewGCM(block)
		}
	}
	if err != nil {
		panic(err) // only a size that no suite has is refused
	}
	return k
}

// open opens a packet into the storage of dst. What it returns is the packet's content if and only if ok.
func (k *sealer) open(dst []byte, number uint64, header, sealed []byte) (content []byte, ok bool) {
	copy(k.nonce[:4], k.iv)
	binary.BigEndian.PutUint64(k.nonce[4:], number^binary.BigEndian.Uint64(k.iv[4:]))
	content, err := k.aead.Open(dst[:0], k.nonce[:], sealed, header)
	return content, err == nil
}

// extract is HKDF-Extract.
func extract(h func() hash.Hash, secret, salt []byte) []byte {
	out, err := hkdf.Extract(h, secret, salt)
	if err != nil {
		panic(err) // it refuses nothing outside FIPS mode
	}
	return out
}

// expandLabel is HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1) with an empty context.
func expandLabel(h func() hash.Hash, secret []byte, label string, size int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(size))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "+label+"\x00"...)
	out, err := hkdf.Expand(h, secret, string(info), size)
	if err != nil {
		panic(err) // only a size beyond 255 hashes is refused
	}
	return out
}
