package tls

import (
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
)

// maxNames is how many names of a certificate are kept.
const maxNames = 100

// certificateNames are the names of the first certificate of a Certificate message (RFC 5246 §7.4.2; RFC 8446 §4.4.2,
// where a request context comes first): DNS names and IP addresses in the order of the certificate, or its common name
// if it has neither. ok is false if there is no certificate that can be read.
func certificateNames(version uint16, body []byte) (names []string, ok bool) {
	s := cryptobyte.String(body)
	var context, list, der cryptobyte.String
	if version == versionTLS13 && !s.ReadUint8LengthPrefixed(&context) {
		return nil, false
	}
	if !s.ReadUint24LengthPrefixed(&list) || !list.ReadUint24LengthPrefixed(&der) {
		return nil, false
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, false
	}
	names = append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && c.Subject.CommonName != "" {
		names = append(names, c.Subject.CommonName)
	}
	return names[:min(len(names), maxNames)], true
}
