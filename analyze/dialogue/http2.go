package dialogue

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// http2Lines makes what a side sends on HTTP/2 of a part "client h2" or "server h2", one frame a line:
//
//	preface                                  what a client begins with
//	settings 8=1 4=100, settings ack
//	headers 1 [end] :method CONNECT | :path /chat
//	data 1 [end] text "Hello"                a WebSocket frame, see Frames; nothing for an empty one
//	rst 1 8
//	window 1 100
//	goaway 1 11 too many pings               last stream, error code, debug data
//	frame 5 4 1 00000002 82                  type, flags, stream, payload in hex
//	raw GET / HTTP/1.1                       the line itself, with CR LF
//
// Header blocks are literals that are not indexed (RFC 7541 §6.2.2).
func http2Lines(text string, frame func(line string) ([]byte, error)) (out []byte, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "preface":
			out = append(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"...)
			continue
		case "raw":
			out = append(append(out, rest...), "\r\n"...)
			continue
		case "settings":
			if rest == "ack" {
				out = appendHTTP2(out, 4, 1, 0, nil)
				continue
			}
			var p []byte
			for _, s := range strings.Fields(rest) {
				var id, value uint32
				if _, err := fmt.Sscanf(s, "%d=%d", &id, &value); err != nil {
					return nil, fmt.Errorf("setting %q: %w", s, err)
				}
				p = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(p, uint16(id)), value)
			}
			out = appendHTTP2(out, 4, 0, 0, p)
			continue
		}
		if word == "frame" {
			var kind, flags byte
			var stream uint64
			if _, err := fmt.Sscanf(rest, "%d %d %d", &kind, &flags, &stream); err != nil {
				return nil, fmt.Errorf("line %q: %w", line, err)
			}
			p, err := hex.DecodeString(strings.Join(strings.Fields(rest)[3:], ""))
			if err != nil {
				return nil, fmt.Errorf("line %q: %w", line, err)
			}
			out = appendHTTP2(out, kind, flags, stream, p)
			continue
		}
		number, rest, _ := strings.Cut(rest, " ")
		stream, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		flags := byte(0)
		if word == "headers" || word == "data" {
			if more, end := strings.CutPrefix(rest, "end"); end {
				flags, rest = 1, strings.TrimPrefix(more, " ")
			}
		}
		switch word {
		case "headers":
			var block []byte
			for _, field := range strings.Split(rest, " | ") {
				name, value, _ := strings.Cut(field, " ")
				if len(name) > 126 || len(value) > 126 {
					return nil, fmt.Errorf("field %q is too long", field)
				}
				block = append(append(block, 0, byte(len(name))), name...)
				block = append(append(block, byte(len(value))), value...)
			}
			out = appendHTTP2(out, 1, flags|4, stream, block)
		case "data":
			var p []byte
			if rest != "" {
				if p, err = frame(rest); err != nil {
					return nil, err
				}
			}
			out = appendHTTP2(out, 0, flags, stream, p)
		case "goaway":
			number, debug, _ := strings.Cut(rest, " ")
			code, err := strconv.ParseUint(number, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("line %q: %w", line, err)
			}
			p := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(stream)), uint32(code))
			out = appendHTTP2(out, 7, 0, 0, append(p, debug...))
		case "rst", "window":
			n, err := strconv.ParseUint(rest, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("line %q: %w", line, err)
			}
			out = appendHTTP2(out, map[string]byte{"rst": 3, "window": 8}[word], 0, stream, binary.BigEndian.AppendUint32(nil, uint32(n)))
		default:
			return nil, fmt.Errorf("the line %q is not known", line)
		}
	}
	return out, nil
}

// appendHTTP2 appends a frame (RFC 9113 §4.1).
func appendHTTP2(out []byte, kind, flags byte, stream uint64, payload []byte) []byte {
	out = append(out, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	return append(binary.BigEndian.AppendUint32(out, uint32(stream)), payload...)
}
