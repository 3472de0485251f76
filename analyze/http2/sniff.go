package http2

// Verdict is what the first octets of a stream say.
type Verdict uint8

const (
	More Verdict = iota // not enough octets to tell
	Yes
	No
)

// LooksLikePreface tells whether a client that begins with prefix speaks HTTP/2.
func LooksLikePreface(prefix []byte) Verdict {
	n := min(len(prefix), len(preface))
	switch {
	case string(prefix[:n]) != preface[:n]:
		return No
	case n < len(preface):
		return More
	}
	return Yes
}

// LooksLikeServer tells whether a server that begins with prefix speaks HTTP/2: its first frame is SETTINGS (RFC 9113
// §3.4).
func LooksLikeServer(prefix []byte) Verdict {
	if len(prefix) > 0 && prefix[0] != 0 || len(prefix) > 1 && prefix[1] > maxSettings>>8 {
		return No
	}
	if len(prefix) < 3 {
		return More
	}
	// Of what is missing all octets are 0: then it fits.
	whole := [headerSize]byte{3: byte(TypeSettings)}
	copy(whole[:], prefix)
	h, _ := parseHeader(whole[:])
	switch {
	case h.Type != TypeSettings || h.Flags != 0 || h.misfit() != FaultNone || h.Length > maxSettings:
		return No
	case len(prefix) < headerSize:
		return More
	}
	return Yes
}

// maxSettings is more than any SETTINGS that is sent, octets.
const maxSettings = 100 * settingSize
