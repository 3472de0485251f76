package tls

import "golang.org/x/crypto/cryptobyte"

// Extensions that say something to an observer (IANA registry "TLS ExtensionType Values").
const (
	extensionServerName        = 0
	extensionSupportedGroups   = 10
	extensionPointFormats      = 11
	extensionSignatures        = 13
	extensionALPN              = 16
	extensionEncryptThenMAC    = 22
	extensionExtendedMaster    = 23
	extensionPreSharedKey      = 41
	extensionEarlyData         = 42
	extensionSupportedVersions = 43
	extensionECH               = 0xfe0d // RFC 9849
)

// readExtensions calls take with each extension of the list that s begins with; none is a list, too (RFC 5246
// §7.4.1.2). It tells whether s is such a list and nothing else.
func readExtensions(s cryptobyte.String, take func(kind uint16, data cryptobyte.String)) bool {
	if s.Empty() {
		return true
	}
	var list cryptobyte.String
	if !s.ReadUint16LengthPrefixed(&list) || !s.Empty() {
		return false
	}
	for !list.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !list.ReadUint16(&kind) || !list.ReadUint16LengthPrefixed(&data) {
			return false
		}
		take(kind, data)
	}
	return true
}

// readProtocols reads the list of ALPN (RFC 7301 §3.1), nil if it is none.
func readProtocols(data cryptobyte.String) []string {
	var list cryptobyte.String
	if !data.ReadUint16LengthPrefixed(&list) {
		return nil
	}
	var names []string
	for !list.Empty() {
		var name cryptobyte.String
		if !list.ReadUint8LengthPrefixed(&name) {
			return nil
		}
		names = append(names, string(name))
	}
	return names
}

// readServerName reads the host name of a server_name extension (RFC 6066 §3), "" if there is none.
func readServerName(data cryptobyte.String) string {
	var list cryptobyte.String
	if !data.ReadUint16LengthPrefixed(&list) {
		return ""
	}
	for !list.Empty() {
		var kind uint8
		var name cryptobyte.String
		if !list.ReadUint8(&kind) || !list.ReadUint16LengthPrefixed(&name) {
			return ""
		}
		if kind == 0 {
			return string(name)
		}
	}
	return ""
}

// readNumbers reads the numbers of two octets that list is made of.
func readNumbers(list cryptobyte.String) []uint16 {
	numbers := make([]uint16, 0, len(list)/2)
	for {
		var n uint16
		if !list.ReadUint16(&n) {
			return numbers
		}
		numbers = append(numbers, n)
	}
}
