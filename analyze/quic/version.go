package quic

import (
	"crypto/sha256"
	"fmt"
)

// Version is a version of QUIC.
type Version uint32

// The versions that are read.
const (
	Version1 Version = 1          // RFC 9000
	Version2 Version = 0x6b3343cf // RFC 9369
)

// String is how the version is written: 1, 2, or its number.
func (v Version) String() string {
	switch v {
	case Version1:
		return "1"
	case Version2:
		return "2"
	}
	return fmt.Sprintf("0x%08x", uint32(v))
}

// Known says that packets of the version are read.
func (v Version) Known() bool { return v == Version1 || v == Version2 }

// parameters are what differs between the versions (RFC 9001 §5, RFC 9369 §3).
type parameters struct {
	salt                []byte // of the Initial secrets
	key, iv, hp, update string // labels
}

var versionParameters = map[Version]*parameters{
	Version1: {
		salt: []byte("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"),
		key:  "quic key", iv: "quic iv", hp: "quic hp", update: "quic ku",
	},
	Version2: {
		salt: []byte("\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"),
		key:  "quicv2 key", iv: "quicv2 iv", hp: "quicv2 hp", update: "quicv2 ku",
	},
}

// initialSecrets are those of the client and of the server (RFC 9001 §5.2), which everybody can compute who has seen
// the connection id that the client chose for the server.
func initialSecrets(v Version, id []byte) (secrets [2][]byte) {
	common := extract(sha256.New, id, versionParameters[v].salt)
	return [2][]byte{
		Client: expandLabel(sha256.New, common, "client in", sha256.Size),
		Server: expandLabel(sha256.New, common, "server in", sha256.Size),
	}
}
