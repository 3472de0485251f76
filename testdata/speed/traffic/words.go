package traffic

import (
	"bytes"
	"compress/flate"
	"math/rand/v2"
	"strconv"
)

var words = []string{"the", "answer", "of", "a", "server", "is", "not", "known", "before", "its", "last", "octet", "came", "and", "who",
	"reads", "it", "early", "will", "guess", "naïve", "peers", "agree", "on", "less", "than", "they", "say", "so", "listen"}

// chatter appends a JSON text of n octets, 20 at least.
func chatter(b []byte, n int, r *rand.Rand) []byte {
	begin := len(b)
	b = append(b, `{"id":`...)
	b = strconv.AppendUint(b, r.Uint64N(1e6), 10)
	b = append(b, `,"s":"`...)
	end := begin + n - len(`"}`)
	for len(b) < end {
		b = append(append(b, words[r.IntN(len(words))]...), ' ')
	}
	b = b[:end]
	for i := len(b) - 1; b[i] >= 0x80; i-- { // it may end inside a character
		b[i] = '.'
	}
	return append(b, `"}`...)
}

// scripts are compressed conversations. There are few, since compressing costs more than anything else here, and every
// connection follows one of them.
type scripts [16][2][][]byte

const (
	deflatedFrames = 200
	deflatedSize   = 4080 // of a message before compression, octets
)

func newScripts() *scripts {
	r := rand.New(rand.NewPCG(1951, 7692))
	s := new(scripts)
	for i := range s {
		for side := range s[i] {
			var out bytes.Buffer
			w, _ := flate.NewWriter(&out, flate.DefaultCompression) // its level is one that exists
			for range deflatedFrames / 2 {
				out.Reset()
				w.Write(telemetry(nil, deflatedSize, r))
				w.Flush()
				m := bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xff, 0xff}) // RFC 7692 §7.2.1
				s[i][side] = append(s[i][side], bytes.Clone(m))
			}
		}
	}
	return s
}

func (s *scripts) message(script int, from side, n int) []byte { return s[script%len(s)][from][n] }

// telemetry appends a JSON list of about n octets, most of which is the same in every row.
func telemetry(b []byte, n int, r *rand.Rand) []byte {
	begin := len(b)
	for first := byte('['); len(b)-begin < n-100; first = ',' {
		b = append(append(b, first), `{"sensor":"line-`...)
		b = strconv.AppendInt(b, r.Int64N(40), 10)
		b = append(b, `","unit":"celsius","quality":"`...)
		b = append(b, [...]string{"good", "good", "good", "uncertain"}[r.IntN(4)]...)
		b = append(b, `","value":`...)
		b = strconv.AppendFloat(b, 15+r.Float64()*10, 'f', 3, 64)
		b = append(b, `,"note":"`...)
		b = append(b, words[r.IntN(len(words))]...)
		b = append(b, `","time":17673230`...)
		b = strconv.AppendInt(b, 10+r.Int64N(89), 10)
		b = append(b, '}')
	}
	return append(b, ']')
}
