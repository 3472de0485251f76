package ship

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// position is what was acknowledged. A file is known by its number in the file system, since rotation may rename it,
// and by how it begins, since a new file may get the number of a removed file.
type position struct {
	Path    string `json:"path"`
	Inode   uint64 `json:"inode"`
	Offset  int64  `json:"offset"`
	Begin   string `json:"begin,omitempty"`   // hash of head
	Changed int64  `json:"changed,omitempty"` // when the file was written to last, ns since the Unix epoch
	head    []byte // the first octets of the file before Offset, headLength at most
}

// headLength is by how many octets a file is known.
const headLength = 1024

// holds tells whether a file of that size is the one that was read so far, and has what was read of it.
func (p *position) holds(file io.ReaderAt, size int64) (bool, error) {
	if size < p.Offset {
		return false, nil
	}
	head := make([]byte, min(p.Offset, headLength))
	if n, err := file.ReadAt(head, 0); n < len(head) {
		if errors.Is(err, io.EOF) { // it was cut off at this moment
			return false, nil
		}
		return false, err
	}
	begin := hashOf(head)
	if p.Begin != "" && p.Begin != begin {
		return false, nil
	}
	p.head, p.Begin = head, begin
	return true, nil
}

// add moves the position behind octets that were read there.
func (p *position) add(octets []byte, length int64) {
	if room := headLength - len(p.head); room > 0 {
		p.head = append(p.head, octets[:min(len(octets), room)]...)
		p.Begin = hashOf(p.head)
	}
	p.Offset += length
}

func hashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:16])
}

// readPosition reads how far another run came; the position is at no file where there was none.
func readPosition(path string) (p position, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if err = json.Unmarshal(b, &p); err == nil && (p.Path == "" || p.Offset < 0) {
		err = errors.New("it names no place in a file")
	}
	if err != nil {
		err = fmt.Errorf("%s is damaged: %w (without it all files are sent again, from the oldest on)", path, err)
	}
	return p, err
}

// write notes the position, so that the file is whole at any time.
func (p *position) write(path string) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil { // whole also after a loss of power
		return err
	}
	return os.Rename(next, path)
}
