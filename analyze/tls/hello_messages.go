package tls

import (
	"crypto/sha256"

	"golang.org/x/crypto/cryptobyte"
)

// clientHello is what is read of a ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2). Lists are in the order sent.
type clientHello struct {
	version    uint16 // legacy_version
	random     [32]byte
	suites     []uint16
	extensions []uint16
	groups     []uint16
	formats    []uint8
	signatures []uint16
	versions   []uint16 // of supported_versions
	protocols  []string // of ALPN
	serverName string
	ech, early bool
}

// parseClientHello gives nil if body is no ClientHello. An extension that is not what its type says counts as present,
// no more.
func parseClientHello(body []byte) *clientHello {
	s := cryptobyte.String(body)
	var h clientHello
	var session, suites, compressions cryptobyte.String
	if !s.ReadUint16(&h.version) || !s.CopyBytes(h.random[:]) ||
		!s.ReadUint8LengthPrefixed(&session) ||
		!s.ReadUint16LengthPrefixed(&suites) || len(suites)%2 != 0 ||
		!s.ReadUint8LengthPrefixed(&compressions) {
		return nil
	}
	h.suites = readNumbers(suites)
	ok := readExtensions(s, func(kind uint16, data cryptobyte.String) {
		h.extensions = append(h.extensions, kind)
		var list cryptobyte.String
		switch kind {
		case extensionServerName:
			h.serverName = readServerName(data)
		case extensionSupportedGroups:
			if data.ReadUint16LengthPrefixed(&list) {
				h.groups = readNumbers(list)
			}
		case extensionPointFormats:
			if data.ReadUint8LengthPrefixed(&list) {
				h.formats = append([]uint8(nil), list...)
			}
		case extensionSignatures:
			if data.ReadUint16LengthPrefixed(&list) {
				h.signatures = readNumbers(list)
			}
		case extensionSupportedVersions:
			if data.ReadUint8LengthPrefixed(&list) {
				h.versions = readNumbers(list)
			}
		case extensionALPN:
			h.protocols = readProtocols(data)
		case extensionECH:
			h.ech = true
		case extensionEarlyData:
			h.early = true
		}
	})
	if !ok {
		return nil
	}
	return &h
}

// serverHello is what is read of a ServerHello (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
type serverHello struct {
	version     uint16 // that was chosen
	random      [32]byte
	suite       Suite
	compression uint8
	protocol    string // of ALPN, in TLS 1.2
	etm, psk    bool
	extended    bool // the master secret is extended (RFC 7627)
}

// retry is the random of a HelloRetryRequest, which is a ServerHello in form (RFC 8446 §4.1.3).
var retry = sha256.Sum256([]byte("HelloRetryRequest"))

// parseServerHello gives nil if body is no ServerHello.
func parseServerHello(body []byte) *serverHello {
	s := cryptobyte.String(body)
	var h serverHello
	var session cryptobyte.String
	if !s.ReadUint16(&h.version) || !s.CopyBytes(h.random[:]) || !s.ReadUint8LengthPrefixed(&session) ||
		!s.ReadUint16((*uint16)(&h.suite)) || !s.ReadUint8(&h.compression) {
		return nil
	}
	ok := readExtensions(s, func(kind uint16, data cryptobyte.String) {
		switch kind {
		case extensionSupportedVersions:
			data.ReadUint16(&h.version)
		case extensionALPN:
			h.protocol = chosen(data)
		case extensionEncryptThenMAC:
			h.etm = true
		case extensionExtendedMaster:
			h.extended = true
		case extensionPreSharedKey:
			h.psk = true
		}
	})
	if !ok {
		return nil
	}
	return &h
}

// encryptedExtensions is what is read of EncryptedExtensions (RFC 8446 §4.3.1).
type encryptedExtensions struct {
	protocol string
	early    bool
}

func parseEncryptedExtensions(body []byte) encryptedExtensions {
	var e encryptedExtensions
	readExtensions(body, func(kind uint16, data cryptobyte.String) {
		switch kind {
		case extensionALPN:
			e.protocol = chosen(data)
		case extensionEarlyData:
			e.early = true
		}
	})
	return e
}

// chosen is the one protocol of a server's ALPN extension.
func chosen(data cryptobyte.String) string {
	if names := readProtocols(data); len(names) == 1 {
		return names[0]
	}
	return ""
}
