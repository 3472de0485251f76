package dialogue

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// framer writes the frames of one side.
type framer struct {
	mask  bool
	count uint32 // frames so far, for masking keys that differ
	flate *flate.Writer
	out   bytes.Buffer
}

func newFramer(mask bool) *framer { return &framer{mask: mask} }

var opcodes = map[string]byte{"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}

// frame reads one line of a frames part:
//
//	text "hello"      binary 00ff      close 1000 "bye"      ping      op3 "x"      raw 81 05
//
// with any of these words behind the opcode: more (FIN 0), rsv1, rsv2, rsv3, unmasked, masked, key=01020304, form=16
// or form=64 (of the length), length=N (announced, whatever follows), deflate (compressed with context takeover, sets
// RSV1), deflate-part (compressed, RSV1 as said), fresh (a new compressor before it), tail (00 00 ff ff is kept), x N
// (the payload N times).
func (f *framer) frame(line string) ([]byte, error) {
	words, err := split(line)
	if err != nil || len(words) == 0 {
		return nil, fmt.Errorf("no frame: %v", err)
	}
	if words[0] == "raw" {
		return hex.DecodeString(strings.Join(words[1:], ""))
	}
	op, known := opcodes[words[0]]
	if !known {
		n, err := strconv.ParseUint(strings.TrimPrefix(words[0], "op"), 16, 4)
		if err != nil {
			return nil, fmt.Errorf("no opcode %q", words[0])
		}
		op = byte(n)
	}
	first, mask := 0x80|op, f.mask
	f.count++
	key := binary.BigEndian.AppendUint32(nil, f.count*2654435761+0x5bd1e995^f.count<<7)
	var payload []byte
	form, compress, tail := 0, false, false
	announced := int64(-1)
	for i := 1; i < len(words); i++ {
		w := words[i]
		name, value, _ := strings.Cut(w, "=")
		switch {
		case w == "more":
			first &^= 0x80
		case w == "rsv1", w == "rsv2", w == "rsv3":
			first |= 0x40 >> (w[3] - '1')
		case w == "unmasked":
			mask = false
		case w == "masked":
			mask = true
		case name == "key" && value != "":
			key, err = hex.DecodeString(value)
		case name == "form" && value != "":
			form, err = strconv.Atoi(value)
		case name == "length" && value != "":
			announced, err = strconv.ParseInt(value, 0, 64)
			if err != nil {
				var u uint64
				u, err = strconv.ParseUint(value, 0, 64)
				announced = int64(u)
			}
		case w == "deflate":
			compress = true
			first |= 0x40
		case w == "deflate-part":
			compress = true
		case w == "fresh":
			f.flate = nil
		case w == "tail":
			tail = true
		case w == "x" && i+1 < len(words):
			i++
			n, convErr := strconv.Atoi(words[i])
			payload, err = bytes.Repeat(payload, n), convErr
		case strings.HasPrefix(w, `"`):
			var text string
			text, err = strconv.Unquote(w)
			payload = append(payload, text...)
		case op == 8 && len(payload) == 0 && len(w) <= 5 && isNumber(w):
			n, _ := strconv.Atoi(w)
			payload = binary.BigEndian.AppendUint16(payload, uint16(n))
		default:
			var octets []byte
			octets, err = hex.DecodeString(w)
			payload = append(payload, octets...)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", w, err)
		}
	}
	if compress {
		if payload, err = f.deflate(payload, tail); err != nil {
			return nil, err
		}
	}
	length := uint64(len(payload))
	if announced != -1 {
		length = uint64(announced)
	}
	return encode(first, mask, [4]byte(key), form, length, payload), nil
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// split takes a line apart at blanks, but not inside quotes.
func split(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			words, line = append(words, q), line[len(q):]
			continue
		}
		end := strings.IndexAny(line, " \t\"")
		if end < 0 {
			end = len(line)
		}
		words, line = append(words, line[:end]), line[end:]
	}
	return words, nil
}

func (f *framer) deflate(p []byte, tail bool) ([]byte, error) {
	if f.flate == nil {
		f.out.Reset()
		f.flate, _ = flate.NewWriter(&f.out, flate.DefaultCompression)
	}
	f.out.Reset()
	if _, err := f.flate.Write(p); err != nil {
		return nil, err
	}
	if err := f.flate.Flush(); err != nil {
		return nil, err
	}
	out := bytes.Clone(f.out.Bytes())
	if !tail {
		out = bytes.TrimSuffix(out, []byte{0, 0, 0xff, 0xff})
	}
	return out, nil
}

// encode writes a frame (RFC 6455 §5.2); form 0 is the shortest.
func encode(first byte, mask bool, key [4]byte, form int, length uint64, payload []byte) []byte {
	bit := byte(0)
	if mask {
		bit = 0x80
	}
	b := []byte{first}
	switch {
	case form == 64 || form == 0 && length > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), length)
	case form == 16 || form == 0 && length > 125:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(length))
	default:
		b = append(b, bit|byte(length))
	}
	if !mask {
		return append(b, payload...)
	}
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}
