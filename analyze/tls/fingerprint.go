package tls

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ja3 is the JA3 of a ClientHello (https://github.com/salesforce/ja3): the MD5 of what it offers, in order.
func (h *clientHello) ja3() string {
	formats := make([]uint16, len(h.formats))
	for i, f := range h.formats {
		formats[i] = uint16(f)
	}
	text := strconv.Itoa(int(h.version))
	for _, list := range [][]uint16{h.suites, h.extensions, h.groups, formats} {
		text += "," + join(withoutGREASE(list), "-", "%d")
	}
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// ja4 is the JA4 of a ClientHello over TCP (https://github.com/FoxIO-LLC/ja4, technical_details/JA4.md).
func (h *clientHello) ja4() string {
	suites, extensions := withoutGREASE(h.suites), withoutGREASE(h.extensions)
	named := "i"
	if slices.Contains(extensions, extensionServerName) {
		named = "d"
	}
	head := fmt.Sprintf("t%s%s%02d%02d%s", h.ja4Version(), named, min(len(suites), 99), min(len(extensions), 99), h.ja4Protocol())
	slices.Sort(suites)
	extensions = slices.DeleteFunc(extensions, func(e uint16) bool { return e == extensionServerName || e == extensionALPN })
	slices.Sort(extensions)
	list := join(extensions, ",", "%04x")
	if signatures := withoutGREASE(h.signatures); len(signatures) > 0 && list != "" {
		list += "_" + join(signatures, ",", "%04x")
	}
	return head + "_" + ja4Hash(join(suites, ",", "%04x")) + "_" + ja4Hash(list)
}

func (h *clientHello) ja4Version() string {
	version := h.version
	if versions := withoutGREASE(h.versions); len(versions) > 0 {
		version = slices.Max(versions)
	}
	names := map[uint16]string{0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
	if name, known := names[version]; known {
		return name
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

// ja4Hash is 12 digits of the SHA-256 of a list, zeros if it is empty.
func ja4Hash(list string) string {
	if list == "" {
		return "000000000000"
	}
	sum := sha256.Sum256([]byte(list))
	return hex.EncodeToString(sum[:6])
}

// withoutGREASE is a copy of list without the values that mean nothing (RFC 8701 §2).
func withoutGREASE(list []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(list), func(n uint16) bool { return n&0x0f0f == 0x0a0a && n>>8 == n&0xff })
}

func join(list []uint16, separator, format string) string {
	var b strings.Builder
	for i, n := range list {
		if i > 0 {
			b.WriteString(separator)
		}
		fmt.Fprintf(&b, format, n)
	}
	return b.String()
}
