package part

import (
	"bytes"
	"encoding/gob"
	"errors"
	"hash/fnv"
	"io"

	"wshake/analyze"
	"wshake/analyze/event"
)

// Record is one thing that was made of a connection; one of its pointers is set.
type Record struct {
	Place Place  // of the packet whose analysis made it
	Count uint32 // counts what a run made

	Request    *event.Request
	Session    *event.Session
	Cut        *event.Abrupt
	NoConnect  *event.NoConnect
	Handshake  *event.Handshake
	Connection *event.Connection
	Finding    *event.Finding
	Caveat     *event.Caveat
	Closed     *event.Conn
	More       *analyze.More

	// SameIdle and SameAge are earlier ends like Cut; they are added when it is compared.
	SameIdle, SameAge *event.Abrupt
}

// Made is what was made of some connections of a file, or of a flow: records in their order, and totals at the end of a
// run.
type Made struct {
	Run     string // names what it was made of
	Count   uint32 // counts the pieces of the run
	Records []Record
	Late    []LatePlace // of packets in Records
	Totals  *analyze.Totals
}

// LatePlace is an entry of Late.
type LatePlace struct {
	File   int32
	Number uint64
	Time   int64
}

// gob writes the types before the first value, several kilobytes of them. They are the same for all values, so a codec
// does not send them: schema is what a stream begins with, id names it.
type codec[T any] struct{ schema, id []byte }

func newCodec[T any]() codec[T] {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(new(T)); err != nil {
		panic(err)
	}
	h := fnv.New64a()
	h.Write(b.Bytes())
	return codec[T]{b.Bytes(), h.Sum(nil)}
}

var (
	codecOfMade  = newCodec[Made]()
	codecOfSums  = newCodec[Sums]()
	codecOfEnd   = newCodec[End]()
	codecOfAlike = newCodec[Alike]()
)

// encode makes octets of v that another process of the same program can read.
func (c *codec[T]) encode(v *T) ([]byte, error) {
	var b bytes.Buffer
	e := gob.NewEncoder(&b)
	if err := e.Encode(new(T)); err != nil {
		return nil, err
	}
	if !bytes.Equal(b.Bytes(), c.schema) {
		return nil, errors.New("the types of records are written differently now than at the start")
	}
	b.Reset()
	b.Write(c.id)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// decode reads what encode wrote.
func (c *codec[T]) decode(b []byte) (*T, error) {
	rest, ok := bytes.CutPrefix(b, c.id)
	if !ok {
		return nil, errors.New("records of another version of this program")
	}
	d := gob.NewDecoder(io.MultiReader(bytes.NewReader(c.schema), bytes.NewReader(rest)))
	if err := d.Decode(new(T)); err != nil {
		return nil, err
	}
	v := new(T)
	return v, d.Decode(v)
}

// Encode and Decode carry values to other processes of the same program.
func (m *Made) Encode() ([]byte, error)  { return codecOfMade.encode(m) }
func (s *Sums) Encode() ([]byte, error)  { return codecOfSums.encode(s) }
func (e *End) Encode() ([]byte, error)   { return codecOfEnd.encode(e) }
func (a *Alike) Encode() ([]byte, error) { return codecOfAlike.encode(a) }

// Decode reads what Encode of Made wrote.
func Decode(b []byte) (*Made, error) { return codecOfMade.decode(b) }

// DecodeSums, DecodeEnd and DecodeAlike read what Encode of those wrote.
func DecodeSums(b []byte) (*Sums, error)   { return codecOfSums.decode(b) }
func DecodeEnd(b []byte) (*End, error)     { return codecOfEnd.decode(b) }
func DecodeAlike(b []byte) (*Alike, error) { return codecOfAlike.decode(b) }

// Once leaves out what was sent twice, since a step was tried again.
func Once(made []*Made) []*Made {
	type key struct {
		run   string
		count uint32
		final bool
	}
	seen := make(map[key]bool)
	var once []*Made
	for _, m := range made {
		k := key{m.Run, m.Count, m.Totals != nil}
		if !seen[k] {
			seen[k] = true
			once = append(once, m)
		}
	}
	return once
}
