package tls

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"hash"

	"wshake/analyze/event"
)

// protection opens the records of one direction under one set of keys.
type protection interface {
	// open opens the record whose sequence number would be seq. The content, in the storage of dst, which must not
	// overlap r, is the record's if and only if ok: it authenticated.
	open(dst []byte, seq uint64, r record) (kind contentType, content []byte, ok bool)
	// contentSize is how long the content of a fragment of size octets is; ok says that its size alone tells.
	contentSize(size int) (n int, ok bool)
	// minSize is the size of the smallest fragment.
	minSize() int
}

// aead13 is the protection of TLS 1.3 (RFC 8446 §5.2).
type aead13 struct {
	aead  cipher.AEAD
	iv    [12]byte
	nonce [12]byte // scratch
}

// derive makes the keys of a secret (RFC 8446 §7.3).
func (a *aead13) derive(p *parameters, secret []byte) bool {
	aead, err := p.aead(expandLabel(secret, "key", p.keySize))
	if err != nil {
		return false
	}
	a.aead = aead
	var room [sha512.Size384]byte
	copy(a.iv[:], appendLabel(room[:0], secret, "iv", aead.NonceSize()))
	return true
}

func (a *aead13) open(dst []byte, seq uint64, r record) (contentType, []byte, bool) {
	a.nonce = xorNonce(a.iv[:], seq)
	inner, err := a.aead.Open(dst[:0], a.nonce[:], r.fragment(), r[:headerSize])
	if err != nil {
		return 0, nil, false
	}
	// The type stands behind the content, and padding of zeros behind the type.
	inner = bytes.TrimRight(inner, "\x00")
	if len(inner) == 0 {
		return 0, nil, true // without a type: authentic, and nothing
	}
	last := len(inner) - 1
	return contentType(inner[last]), inner[:last], true
}

func (a *aead13) contentSize(int) (int, bool) { return 0, false }
func (a *aead13) minSize() int                { return a.aead.Overhead() + 1 }

// aead12 is AEAD protection of TLS 1.2 (RFC 5246 §6.2.3.3): the nonce is iv with the sequence number (RFC 7905 §2), or
// iv as salt before what the record begins with (RFC 5288 §3, RFC 6655 §3).
type aead12 struct {
	aead     cipher.AEAD
	iv       []byte
	explicit int
	nonce    [12]byte // scratch
	header   [13]byte // scratch
}

// newProtection12 derives the keys with which side sends (RFC 5246 §6.3).
func newProtection12(p *parameters, master []byte, randoms *[2][32]byte, side event.Side, etm bool) protection {
	macSize, ivSize := 0, p.saltSize
	if p.mac != nil {
		macSize, ivSize = p.mac().Size(), 0 // the IVs of CBC are explicit since TLS 1.1
	}
	block := prf12(p.prf, master, "key expansion", append(randoms[event.Server][:], randoms[event.Client][:]...), 2*(macSize+p.keySize+ivSize))
	// The key block has a part for the client before the one for the server, of each kind.
	next := func(size int) []byte {
		parts := [2][]byte{block[:size], block[size : 2*size]}
		block = block[2*size:]
		return parts[side]
	}
	macKey, key, iv := next(macSize), next(p.keySize), next(ivSize)
	if p.aead != nil {
		aead, err := p.aead(key)
		if err != nil {
			return nil
		}
		return &aead12{aead: aead, iv: iv, explicit: aead.NonceSize() - ivSize}
	}
	b, err := p.block(key)
	if err != nil {
		return nil
	}
	mac := hmac.New(p.mac, macKey)
	if etm {
		return &cbcThenMAC{block: b, mac: mac}
	}
	return &macThenCBC{block: b, mac: mac}
}

func (a *aead12) open(dst []byte, seq uint64, r record) (contentType, []byte, bool) {
	size, _ := a.contentSize(len(r.fragment()))
	if size < 0 {
		return 0, nil, false
	}
	a.nonce = xorNonce(a.iv, seq)
	if a.explicit > 0 {
		copy(a.nonce[copy(a.nonce[:], a.iv):], r.fragment()[:a.explicit])
	}
	a.header = pseudoHeader(seq, r, size)
	content, err := a.aead.Open(dst[:0], a.nonce[:], r.fragment()[a.explicit:], a.header[:])
	return r.kind(), content, err == nil
}

func (a *aead12) contentSize(size int) (int, bool) { return size - a.minSize(), true }
func (a *aead12) minSize() int                     { return a.explicit + a.aead.Overhead() }

// xorNonce is iv with seq in its last eight octets (RFC 8446 §5.3).
func xorNonce(iv []byte, seq uint64) (nonce [12]byte) {
	binary.BigEndian.PutUint64(nonce[4:], seq)
	for i, c := range iv {
		nonce[i] ^= c
	}
	return nonce
}

// pseudoHeader is what is authenticated besides the content in TLS 1.2 (RFC 5246 §6.2.3.1).
func pseudoHeader(seq uint64, r record, size int) (h [13]byte) {
	binary.BigEndian.PutUint64(h[:], seq)
	copy(h[8:], r[:3])
	binary.BigEndian.PutUint16(h[11:], uint16(size))
	return h
}

// macThenCBC is the block cipher protection of TLS 1.2 (RFC 5246 §6.2.3.2).
type macThenCBC struct {
	block cipher.Block
	mac   hash.Hash
}

func (c *macThenCBC) open(dst []byte, seq uint64, r record) (contentType, []byte, bool) {
	plain := decryptCBC(c.block, dst, r.fragment())
	size := len(plain) - c.mac.Size()
	if size < 0 {
		return 0, nil, false
	}
	content, tag := plain[:size], plain[size:]
	header := pseudoHeader(seq, r, size)
	return r.kind(), content, authentic(c.mac, tag, header[:], content)
}

func (c *macThenCBC) contentSize(int) (int, bool) { return 0, false }
func (c *macThenCBC) minSize() int {
	return c.block.BlockSize() + (c.mac.Size()+c.block.BlockSize())/c.block.BlockSize()*c.block.BlockSize()
}

// cbcThenMAC is block cipher protection with encrypt-then-MAC (RFC 7366 §3).
type cbcThenMAC struct {
	block cipher.Block
	mac   hash.Hash
}

func (c *cbcThenMAC) open(dst []byte, seq uint64, r record) (contentType, []byte, bool) {
	size := len(r.fragment()) - c.mac.Size()
	if size < 0 {
		return 0, nil, false
	}
	sealed, tag := r.fragment()[:size], r.fragment()[size:]
	header := pseudoHeader(seq, r, size)
	if !authentic(c.mac, tag, header[:], sealed) {
		return 0, nil, false
	}
	content := decryptCBC(c.block, dst, sealed)
	return r.kind(), content, content != nil
}

func (c *cbcThenMAC) contentSize(int) (int, bool) { return 0, false }
func (c *cbcThenMAC) minSize() int                { return 2*c.block.BlockSize() + c.mac.Size() }

// decryptCBC decrypts sealed, an IV and blocks, into the storage of dst and takes the padding off; nil if it is not
// padded as it must be (RFC 5246 §6.2.3.2).
func decryptCBC(b cipher.Block, dst, sealed []byte) []byte {
	size := b.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil
	}
	iv, sealed := sealed[:size], sealed[size:]
	plain := append(dst[:0], sealed...)
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(plain, plain)
	padding := plain[len(plain)-1]
	end := len(plain) - 1 - int(padding)
	if end < 0 {
		return nil
	}
	for _, c := range plain[end:] {
		if c != padding {
			return nil
		}
	}
	return plain[:end]
}

// authentic tells whether tag is the MAC of header and content.
func authentic(mac hash.Hash, tag, header, content []byte) bool {
	mac.Reset()
	mac.Write(header)
	mac.Write(content)
	return hmac.Equal(mac.Sum(nil), tag)
}
