package check

import "strings"

// acceptAdvices say how a wrong Sec-WebSocket-Accept is repaired, by words of its explanation. The first that fits counts.
var acceptAdvices = []struct{ says, advice string }{
	{"hex", "encode the 20 octets of the digest, not its hex digits (PHP: base64_encode(sha1($s, true)); Node: " +
		"digest('base64'); Python: .digest(), not .hexdigest())"},
	{"raw octets", "encode the 20 octets of the digest with base64: 28 characters, the last one ="},
	{"SHA-256", "hash with SHA-1"},
	{"without the GUID", "hash the key and, after it, the GUID 258EAFA5-E914-47DA-95CA-C5AB0DC85B11"},
	{"GUID alone", "see why the server reads an empty key: compare how it looks up Sec-WebSocket-Key with the field " +
		"as it was sent"},
	{"the wrong way round", "hash the key first and the GUID after it"},
	{"GUID", "copy the GUID as it is, with nothing around it: 258EAFA5-E914-47DA-95CA-C5AB0DC85B11"},
	{"keys joined", "let the client send one Sec-WebSocket-Key; answer a request with two with 400"},
	{"another Sec-WebSocket-Key", "let the client send one Sec-WebSocket-Key; answer a request with two with 400"},
	{"over the decoded", "hash the key's 24 characters as they were sent; do not decode them"},
	{"over the", "hash the key's 24 characters as they were sent: cut blanks and the line end off the field's value, " +
		"and change nothing in it"},
	{"two values", "let one layer write Sec-WebSocket-Accept: either the gateway, or the backend whose answer it " +
		"relays"},
	{"a constant", "compute the value from the key of each request; do not copy it from an example"},
	{"sent back", "compute the value from the key; do not send the key itself"},
	{"base64url", "use the standard alphabet of base64, with + and /"},
	{"the right value", "send the 28 characters that base64 gives as they are: whole, in their case, with nothing " +
		"around them"},
}

// acceptAdvice says how the mistake that why explains is repaired; "" where only the rule itself helps.
func acceptAdvice(why string) string {
	for _, a := range acceptAdvices {
		if strings.Contains(why, a.says) {
			return a.advice
		}
	}
	return ""
}
