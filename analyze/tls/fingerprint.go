package tls

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
)

// ja3 is the JA3 of a ClientHello (https://github.com/salesforce/ja3): the MD5 of what it offers, in order.
func (h *clientHello) ja3() string {
	formats := make([]uint16, len(h.formats))
	for i, f := range h.formats {
		formats[i] = uint16(f)
	}
	text := strconv.AppendUint(make([]byte, 0, 512), uint64(h.version), 10)
	for _, list := range [][]uint16{h.suites, h.extensions, h.groups, formats} {
		text = append(text, ',')
		begin := len(text)
		for _, n := range list {
			if grease(n) {
				continue
			}
			if len(text) > begin {
				text = append(text, '-')
			}
			text = strconv.AppendUint(text, uint64(n), 10)
		}
	}
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:])
}

// ja4 is the JA4 of a ClientHello (https://github.com/FoxIO-LLC/ja4, technical_details/JA4.md) over a transport: t is TCP,
// q is QUIC.
func (h *clientHello) ja4(transport byte) string {
	suites, extensions := withoutGREASE(h.suites), withoutGREASE(h.extensions)
	named := "i"
	if slices.Contains(extensions, extensionServerName) {
		named = "d"
	}
	text := fmt.Appendf(make([]byte, 0, 36), "%c%s%s%02d%02d%s_", transport, h.ja4Version(), named, min(len(suites), 99), min(len(extensions), 99), h.ja4Protocol())
	slices.Sort(suites)
	extensions = slices.DeleteFunc(extensions, func(e uint16) bool { return e == extensionServerName || e == extensionALPN })
	slices.Sort(extensions)
	text = append(appendHash(text, suites, nil), '_')
	return string(appendHash(text, extensions, withoutGREASE(h.signatures)))
}

func (h *clientHello) ja4Version() string {
	version := h.version
	if versions := withoutGREASE(h.versions); len(versions) > 0 {
		version = slices.Max(versions)
	}
	switch version {
	case versionTLS13:
		return "13"
	case versionTLS12:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	}
	return "00"
}

// ja4Protocol is the first and the last character of the first protocol offered, or of its hexadecimal form.
func (h *clientHello) ja4Protocol() string {
	if len(h.protocols) == 0 || h.protocols[0] == "" {
		return "00"
	}
	p := h.protocols[0]
	if !alphanumeric(p[0]) || !alphanumeric(p[len(p)-1]) {
		p = hex.EncodeToString([]byte(p))
	}
	return p[:1] + p[len(p)-1:]
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// appendHash appends 12 digits of the SHA-256 of the numbers of a list and of those behind it, if there are any; zeros
// if the list is empty.
func appendHash(b []byte, list, behind []uint16) []byte {
	if len(list) == 0 {
		return append(b, "000000000000"...)
	}
	text := appendNumbers(make([]byte, 0, 512), list)
	if len(behind) > 0 {
		text = appendNumbers(append(text, '_'), behind)
	}
	sum := sha256.Sum256(text)
	return hex.AppendEncode(b, sum[:6])
}

// appendNumbers appends the numbers of a list, four hexadecimal digits each, with commas between them.
func appendNumbers(b []byte, list []uint16) []byte {
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = hex.AppendEncode(b, []byte{byte(n >> 8), byte(n)})
	}
	return b
}

// withoutGREASE is a copy of list without the values that mean nothing.
func withoutGREASE(list []uint16) []uint16 { return slices.DeleteFunc(slices.Clone(list), grease) }

// grease tells the values that mean nothing (RFC 8701 §2).
func grease(n uint16) bool { return n&0x0f0f == 0x0a0a && n>>8 == n&0xff }
