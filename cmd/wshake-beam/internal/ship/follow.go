package ship

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Message is an event on its way.
type Message struct {
	ID     string // the same whenever this line is sent
	Key    string // Community ID, "" for events of no connection
	Sensor string // that wrote it
	Line   []byte // JSON, without a line end
}

// Sink is a stream.
type Sink interface {
	// Publish returns nil when all messages are acknowledged. After an error some may be. A Refused says that one of
	// them can never be.
	Publish(ctx context.Context, messages []Message) error
}

// Refused is the error about a message that a stream does not take, whenever it is sent, such as one that is too large.
type Refused struct {
	At  int // in the messages
	Err error
}

func (r *Refused) Error() string { return r.Err.Error() }
func (r *Refused) Unwrap() error { return r.Err }

// Follower follows the files of a sensor.
type Follower struct {
	Pattern  string // of their names: "events*.ndjson"; they are read in the order of older
	Position string // file that notes how far it is
	Sensor   string // its name, part of every message id
	Sink     Sink
	Wait     time.Duration // between two looks for more; 0 means 200 ms
	Retry    time.Duration // before what failed is sent again; 0 means 1 s
	Complain func(error)   // of what is tried again and of lines that are no events; may be nil

	done position
}

// position is what was acknowledged. A file is known by its number in the file system, since rotation may rename it,
// and by how it begins, since a new file may get the number of a removed file.
type position struct {
	Path   string `json:"path"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	Begin  string `json:"begin,omitempty"` // hash of the first octets before Offset
}

// beginLength is how many octets Begin is of, at most.
const beginLength = 1024

// begin is the hash of the first octets of a file, of which n are there.
func begin(file io.ReaderAt, n int64) (string, error) {
	b := make([]byte, min(n, beginLength))
	if _, err := file.ReadAt(b, 0); err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:16]), nil
}

// holds tells whether a file of that number is the one that was read so far.
func (p *position) holds(file io.ReaderAt, size int64) bool {
	if size < p.Offset {
		return false
	}
	if p.Begin == "" {
		return true
	}
	is, err := begin(file, p.Offset)
	return err == nil && is == p.Begin
}

// Batches are no larger than this.
const (
	batchLines  = 1024
	batchOctets = 1 << 20
	longestLine = 64 << 20
)

// Run follows until ctx is done, and then returns nil.
func (f *Follower) Run(ctx context.Context) error {
	if err := f.resume(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		path, number, last, err := f.current()
		if err != nil {
			return err
		}
		more := false
		if path != "" {
			if more, err = f.read(ctx, path, number, last); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
		if !more {
			sleep(ctx, f.Wait, 200*time.Millisecond)
		}
	}
	return nil
}

func sleep(ctx context.Context, d, otherwise time.Duration) {
	if d == 0 {
		d = otherwise
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (f *Follower) complain(err error) {
	if f.Complain != nil {
		f.Complain(err)
	}
}

// resume reads how far another run came.
func (f *Follower) resume() error {
	b, err := os.ReadFile(f.Position)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &f.done); err != nil {
		return fmt.Errorf("%s: %w", f.Position, err)
	}
	return nil
}

// note writes how far it is, so that the file is whole at any time.
func (f *Follower) note() error {
	b, err := json.Marshal(f.done)
	if err != nil {
		return err
	}
	next := f.Position + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil { // whole also after a loss of power
		return err
	}
	return os.Rename(next, f.Position)
}

// files are those that the pattern matches and their numbers, oldest first.
func (f *Follower) files() (paths []string, numbers []uint64, err error) {
	all, err := filepath.Glob(f.Pattern)
	slices.SortFunc(all, older)
	for _, path := range all {
		info, err := os.Stat(path)
		if err != nil {
			continue // it is gone
		}
		number, err := inode(info)
		if err != nil {
			return nil, nil, err
		}
		paths, numbers = append(paths, path), append(numbers, number)
	}
	return paths, numbers, err
}

// current is the file to read and its number: the one that was read last or, where that is gone, the one behind it.
// last says that no newer file is there.
func (f *Follower) current() (path string, number uint64, last bool, err error) {
	paths, numbers, err := f.files()
	if err != nil || len(paths) == 0 {
		return "", 0, true, err
	}
	if f.done.Path == "" {
		return paths[0], numbers[0], len(paths) == 1, nil
	}
	if i := slices.Index(numbers, f.done.Inode); i >= 0 {
		f.done.Path = paths[i]
		return paths[i], numbers[i], i == len(paths)-1, nil
	}
	for i, path := range paths {
		if older(path, f.done.Path) >= 0 {
			f.complain(fmt.Errorf("%s is gone, read up to octet %d", f.done.Path, f.done.Offset))
			return path, numbers[i], i == len(paths)-1, nil
		}
	}
	return "", 0, true, nil // it is gone, and nothing is newer
}

// read sends what stands behind what was sent of the file with that number. Where the file is at its end and not the
// last, the next one is taken.
func (f *Follower) read(ctx context.Context, path string, number uint64, last bool) (more bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return false, nil // it was renamed just now
		}
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	switch opened, err := inode(info); {
	case err != nil:
		return false, err
	case opened != number: // another one was renamed to it just now
		return false, nil
	case number != f.done.Inode:
		f.done = position{Path: path, Inode: number}
	case !f.done.holds(file, info.Size()):
		f.complain(fmt.Errorf("%s was cut off, or is another file now: it was read up to octet %d and is read from its start",
			path, f.done.Offset))
		f.done = position{Path: path, Inode: number}
	}
	if _, err := file.Seek(f.done.Offset, io.SeekStart); err != nil {
		return false, err
	}
	r := bufio.NewReaderSize(file, 256<<10)
	for ctx.Err() == nil {
		messages, read, end, err := f.batch(r, !last)
		if err != nil {
			return false, fmt.Errorf("%s: %w", path, err)
		}
		if err := f.publish(ctx, messages); err != nil {
			return false, err
		}
		if read > 0 {
			f.done.Offset += read
			f.done.Begin, _ = begin(file, f.done.Offset) // "" where it is cut off at this moment
			if err := f.note(); err != nil {
				return false, err
			}
			more = true
		}
		if end {
			break
		}
	}
	if !more && !last && ctx.Err() == nil { // else it may not be at its end
		return true, f.next(path)
	}
	return more, nil
}

// next goes to the file behind path.
func (f *Follower) next(path string) error {
	paths, numbers, err := f.files()
	if err != nil {
		return err
	}
	for i, newer := range paths {
		if older(newer, path) > 0 {
			f.done = position{Path: newer, Inode: numbers[i]}
			return f.note()
		}
	}
	return nil
}

var errLine = errors.New("longer than any event, left out")

// batch reads lines that are whole. over says that nobody writes to the file any more; end, that no more lines are there:
// then r may stand inside of one.
func (f *Follower) batch(r *bufio.Reader, over bool) (messages []Message, read int64, end bool, err error) {
	for len(messages) < batchLines && read < batchOctets {
		line, length, err := readLine(r)
		if err == io.EOF && !(over && length > 0) {
			return messages, read, true, nil
		}
		if err != nil && err != io.EOF {
			return nil, 0, false, err
		}
		at := f.done.Offset + read
		read += length
		var m Message
		if err = errLine; line != nil {
			m, err = f.message(bytes.TrimRight(line, "\r\n"), at)
		}
		if err != nil {
			f.complain(fmt.Errorf("%s, octet %d: %w", f.done.Path, at, err))
			continue
		}
		messages = append(messages, m)
	}
	return messages, read, false, nil
}

// readLine reads a line of so many octets, with its end; it is nil where it is too long.
func readLine(r *bufio.Reader) (line []byte, length int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if length += int64(len(part)); length <= longestLine {
			line = append(line, part...)
		} else {
			line = nil
		}
		if err != bufio.ErrBufferFull {
			return line, length, err
		}
	}
}

// message makes a message of a line.
func (f *Follower) message(line []byte, at int64) (Message, error) {
	var e struct {
		ID string `json:"community_id"` // null leaves it empty
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return Message{}, fmt.Errorf("no event, left out: %w", err)
	}
	h := sha256.New()
	for _, part := range []string{f.Sensor, strconv.FormatUint(f.done.Inode, 10), strconv.FormatInt(at, 10)} {
		h.Write([]byte(part + "\x00"))
	}
	h.Write(line)
	return Message{ID: hex.EncodeToString(h.Sum(nil)[:16]), Key: e.ID, Sensor: f.Sensor, Line: line}, nil
}

// publish sends until all is acknowledged. What is refused is left out.
func (f *Follower) publish(ctx context.Context, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	for {
		err := f.Sink.Publish(ctx, messages)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		f.complain(err)
		if refused := (*Refused)(nil); errors.As(err, &refused) {
			m := messages[refused.At]
			f.complain(fmt.Errorf("an event of %d octets is left out: the stream does not take it", len(m.Line)))
			if messages = slices.Delete(messages, refused.At, refused.At+1); len(messages) == 0 {
				return nil
			}
			continue
		}
		sleep(ctx, f.Retry, time.Second)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
