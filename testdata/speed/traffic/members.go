package traffic

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// WriteGzip writes the messages of n connections of the kind deflate to w as gzip (RFC 1952), one member for each side,
// so that other programs can inflate them. It returns how many messages they are.
func WriteGzip(w io.Writer, n int) (messages int, err error) {
	var members [16][2][]byte
	scripts := newScripts()
	for i := range scripts {
		for side, script := range scripts[i] {
			if members[i][side], err = member(script); err != nil {
				return 0, err
			}
		}
	}
	out := bufio.NewWriter(w)
	for i := range n {
		for side := range 2 {
			out.Write(members[i%len(members)][side])
			messages += len(scripts[i%len(scripts)][side])
		}
	}
	return messages, out.Flush()
}

// member is a gzip member of compressed messages (RFC 7692 §7.2.1), which are one DEFLATE stream.
func member(messages [][]byte) ([]byte, error) {
	var stream bytes.Buffer
	for _, m := range messages {
		stream.Write(m)
		stream.WriteString("\x00\x00\xff\xff")
	}
	stream.WriteString("\x03\x00") // an empty last block
	content, err := io.ReadAll(flate.NewReader(bytes.NewReader(stream.Bytes())))
	if err != nil {
		return nil, err
	}
	b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, stream.Bytes()...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(content))
	return binary.LittleEndian.AppendUint32(b, uint32(len(content))), nil
}
