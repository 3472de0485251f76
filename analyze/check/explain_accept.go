package check

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"wshake/analyze/ws"
)

// sampleAccept answers the sample key of RFC 6455 §1.3.
const sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

// explainAccept tries the mistakes that real servers made when they computed Sec-WebSocket-Accept, and says which
// one gives accept, as what "it" is or was; "" where none does. It costs some fifty hashes; misspeltAccept, which is to
// be tried behind it, costs over a thousand.
func explainAccept(keys []string, accept string) string {
	for _, explain := range []func(keys []string, accept string) string{spoiltAccept, otherText, otherKey, otherDigest} {
		if why := explain(keys, accept); why != "" {
			return why
		}
	}
	return ""
}

// misspeltAccept is explainAccept for a GUID with a mistake in it.
func misspeltAccept(keys []string, accept string) string {
	raw, err := base64.StdEncoding.DecodeString(accept)
	if err != nil || len(raw) != sha1.Size {
		return ""
	}
	if guid := misspeltGUID(keys[0], [sha1.Size]byte(raw)); guid != "" {
		return misspeltGUIDMark + guid
	}
	return ""
}

func base64SHA1(text string) string {
	sum := sha1.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// spoiltAccept knows how the right value is spoilt after it was computed, and what is sent where none was.
func spoiltAccept(keys []string, accept string) string {
	right := ws.Accept(keys[0])
	if i := strings.Index(accept, ","); i >= 0 && (strings.TrimSpace(accept[:i]) == right || strings.TrimSpace(accept[i+1:]) == right) {
		return "is two values merged into one field, one of them right"
	}
	switch {
	case accept == "":
		return "is empty"
	case accept == sampleAccept:
		return "is the sample answer of RFC 6455 §1.3, a constant"
	case accept == keys[0]:
		return "is the key itself, sent back"
	case strings.TrimRight(right, "=") == strings.TrimRight(accept, "="):
		return "is the right value with wrong padding"
	case strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(right, "=")) == strings.TrimRight(accept, "="):
		return "is the right value in the base64url alphabet"
	case strings.Trim(accept, `"'`) == right:
		return "is the right value in quotes"
	case strings.EqualFold(accept, right):
		return "is the right value with the case of letters changed"
	case len(accept) > 4 && strings.HasPrefix(right, accept):
		return fmt.Sprintf("is the right value cut off after %d characters", len(accept))
	case strings.HasPrefix(accept, right):
		return fmt.Sprintf("is the right value with %s appended", quote(accept[len(right):]))
	case strings.HasSuffix(accept, right):
		return fmt.Sprintf("is the right value with %s in front", quote(accept[:len(accept)-len(right)]))
	}
	return ""
}

// wrongText is what a server hashed in place of the key and the GUID.
type wrongText struct{ text, what string }

// wrongTexts are the mistakes that servers are known to make with a key.
func wrongTexts(key string) []wrongText {
	raw, _ := base64.StdEncoding.DecodeString(key)
	return []wrongText{
		{key, "is the SHA-1 of the key without the GUID"},
		{ws.GUID, "is the SHA-1 of the GUID alone, as for an empty key"},
		{ws.GUID + key, "is the SHA-1 of the GUID followed by the key, the wrong way round"},
		{key + strings.ToLower(ws.GUID), "was computed with the GUID in lower case"},
		{key + strings.ReplaceAll(ws.GUID, "-", ""), "was computed with the GUID without its hyphens"},
		{key + "{" + ws.GUID + "}", "was computed with the GUID in braces"},
		{key + ws.GUID + "\r\n", "was computed with a line end after the GUID"},
		{key + ws.GUID + "\n", "was computed with a line end after the GUID"},
		{key + ws.GUID + "\x00", "was computed with a zero octet after the GUID"},
		{key + "\r\n" + ws.GUID, "was computed over the key with its line end"},
		{key + "\r" + ws.GUID, "was computed over the key with a CR after it"},
		{key + "\n" + ws.GUID, "was computed over the key with a line end after it"},
		{key + " " + ws.GUID, "was computed over the key with a blank after it"},
		{" " + key + ws.GUID, "was computed over the key with the blank before it"},
		{" " + key + "\r\n" + ws.GUID, "was computed over the key with the blank before it and its line end"},
		{`"` + key + `"` + ws.GUID, "was computed over the key in quotes"},
		{strings.TrimRight(key, "=") + ws.GUID, "was computed over the key without its padding"},
		{strings.ToLower(key) + ws.GUID, "was computed over the key in lower case"},
		{strings.ToUpper(key) + ws.GUID, "was computed over the key in upper case"},
		{"Sec-WebSocket-Key: " + key + ws.GUID, "was computed over the whole field line"},
		{string(raw) + ws.GUID, "was computed over the decoded octets of the key, not over its text"},
		{string(raw), "is the SHA-1 of the decoded key without the GUID"},
	}
}

// otherText knows what is hashed in place of the key and the GUID.
func otherText(keys []string, accept string) string {
	key := keys[0]
	for _, in := range wrongTexts(key) {
		switch {
		case in.text == key+ws.GUID: // a variant that is the right text for this key explains nothing
		case accept == base64SHA1(in.text):
			return in.what
		case accept == base64OfHex(in.text):
			return in.what + ", and the hex digits of the digest were encoded, not its octets"
		}
	}
	return ""
}

func base64OfHex(text string) string {
	sum := sha1.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:])))
}

// otherKey knows what a server does with a key that was sent more than once.
func otherKey(keys []string, accept string) string {
	if len(keys) == 1 {
		return ""
	}
	for _, between := range []string{", ", ",", ""} {
		if accept == ws.Accept(strings.Join(keys, between)) {
			return "was computed over the keys joined by " + quote(between)
		}
	}
	for _, key := range keys[1:] {
		if accept == ws.Accept(key) {
			return "is the answer to another Sec-WebSocket-Key of the request, " + quote(key)
		}
	}
	return ""
}

// otherDigest knows how the digest is written wrongly, and which digests are taken for SHA-1.
func otherDigest(keys []string, accept string) string {
	text := keys[0] + ws.GUID
	sum, long := sha1.Sum([]byte(text)), sha256.Sum256([]byte(text))
	digits := hex.EncodeToString(sum[:])
	switch {
	case accept == base64OfHex(text), accept == base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(digits))):
		return "is base64 of the digest's hex digits, not of its 20 octets"
	case strings.EqualFold(accept, digits):
		return "is the digest in hex, not in base64"
	case accept == string(sum[:]):
		return "is the 20 raw octets of the digest, without base64"
	case accept == base64.StdEncoding.EncodeToString(long[:]):
		return "was computed with SHA-256 where SHA-1 is due"
	}
	raw, err := base64.StdEncoding.DecodeString(accept)
	switch {
	case err != nil:
		return "is not even base64"
	case len(raw) != sha1.Size:
		return fmt.Sprintf("is %s long after decoding, where a SHA-1 has 20", octets(len(raw)))
	}
	return ""
}

// misspeltGUIDMark begins an explanation that ends in the GUID that was used.
const misspeltGUIDMark = "was computed with a misspelt GUID, "

// misspeltGUID finds the GUID with one character wrong, missing, added or swapped with its neighbour that makes
// want the digest of key and GUID.
func misspeltGUID(key string, want [sha1.Size]byte) string {
	const digits = "0123456789ABCDEF-"
	try := func(parts ...string) string {
		guid := strings.Join(parts, "")
		if guid != ws.GUID && sha1.Sum([]byte(key+guid)) == want {
			return guid
		}
		return ""
	}
	for i := range ws.GUID {
		head, tail := ws.GUID[:i], ws.GUID[i+1:]
		found := try(head, tail)
		if found == "" && tail != "" {
			found = try(head, tail[:1], ws.GUID[i:i+1], tail[1:])
		}
		for d := 0; d < len(digits) && found == ""; d++ {
			if found = try(head, digits[d:d+1], tail); found == "" {
				found = try(head, digits[d:d+1], ws.GUID[i:])
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}
