package tls

import (
	"encoding/binary"
	"fmt"

	"wshake/reassembly"
)

// At is the packet that carried some octets.
type At = reassembly.At

// End says why no more octets come.
type End = reassembly.End

// contentType is the type of a record (RFC 8446 §5.1).
type contentType uint8

const (
	changeCipherSpec contentType = 20
	alert            contentType = 21
	handshake        contentType = 22
	applicationData  contentType = 23
)

const (
	headerSize = 5
	// maxFragment is the greatest length that a record may have behind its header (RFC 5246 §6.2.3; RFC 8446 §5.2 allows
	// less).
	maxFragment = 1<<14 + 2048
)

// Version is a protocol version as records and hellos write it.
type Version uint16

const (
	versionTLS12 = 0x0303
	versionTLS13 = 0x0304
)

// String is the version's name, or its number as in 0x7f1c.
func (v Version) String() string {
	switch {
	case v == 0x0300:
		return "SSL 3.0"
	case v > 0x0300 && v <= versionTLS13:
		return fmt.Sprintf("TLS 1.%d", v-0x0301)
	}
	return fmt.Sprintf("%#04x", uint16(v))
}

// record is one record as sent, header and fragment.
type record []byte

func (r record) kind() contentType { return contentType(r[0]) }
func (r record) fragment() []byte  { return r[headerSize:] }

// recordSize is the size of the record that header begins, header included.
func recordSize(header []byte) int { return headerSize + int(binary.BigEndian.Uint16(header[3:])) }

// plausible tells whether header, 5 octets, may begin a record.
func plausible(header []byte) bool {
	kind := contentType(header[0])
	return kind >= changeCipherSpec && kind <= applicationData+1 && header[1] == 3 && header[2] <= 4 && recordSize(header) <= headerSize+maxFragment
}

// isChangeCipherSpec tells whether r is the one ChangeCipherSpec that there is.
func (r record) isChangeCipherSpec() bool {
	return r.kind() == changeCipherSpec && len(r) == headerSize+1 && r[headerSize] == 1
}
