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
	Frame      *event.Frame
	Message    *event.Message
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

// gob writes the types before the first value, several kilobytes of them. They are the same for all values, so they are
// not sent: schema is what a stream begins with.
var schema, schemaID = func() ([]byte, []byte) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(new(Made)); err != nil {
		panic(err)
	}
	h := fnv.New64a()
	h.Write(b.Bytes())
	return b.Bytes(), h.Sum(nil)
}()

// Encode makes octets of m that another process of the same program can read.
func (m *Made) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := gob.NewEncoder(&b)
	if err := e.Encode(new(Made)); err != nil {
		return nil, err
	}
	if !bytes.Equal(b.Bytes(), schema) {
		return nil, errors.New("the types of records are written differently now than at the start")
	}
	b.Reset()
	b.Write(schemaID)
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Decode reads what Encode wrote.
func Decode(b []byte) (*Made, error) {
	rest, ok := bytes.CutPrefix(b, schemaID)
	if !ok {
		return nil, errors.New("records of another version of this program")
	}
	d := gob.NewDecoder(io.MultiReader(bytes.NewReader(schema), bytes.NewReader(rest)))
	if err := d.Decode(new(Made)); err != nil {
		return nil, err
	}
	m := new(Made)
	return m, d.Decode(m)
}

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
