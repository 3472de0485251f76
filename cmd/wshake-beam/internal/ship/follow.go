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
	ID   string // the same whenever this line is sent
	Key  string // Community ID, "" for events of no connection
	Line []byte // JSON, without a line end
}

// Sink is a stream.
type Sink interface {
	// Publish returns nil when all messages are acknowledged. After an error some may be.
	Publish(ctx context.Context, messages []Message) error
}

// Follower follows the files of a sensor.
type Follower struct {
	Pattern  string // of their names: "events*.ndjson"; they are read in the order of the names
	Position string // file that notes how far it is
	Sensor   string // its name, part of every message id
	Sink     Sink
	Wait     time.Duration // between two looks for more; 0 means 200 ms
	Retry    time.Duration // before what failed is sent again; 0 means 1 s
	Complain func(error)   // of what is tried again and of lines that are no events; may be nil

	done position
}

// position is what was acknowledged. A file is known by its number in the file system, since rotation may rename it.
type position struct {
	Path   string `json:"path"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
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
		path, last, err := f.current()
		if err != nil {
			return err
		}
		more := false
		if path != "" {
			if more, err = f.read(ctx, path, last); err != nil {
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
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return err
	}
	return os.Rename(next, f.Position)
}

// current is the file to read: the one that was read last, or, where that is gone, the one behind it. last says that no
// newer file is there.
func (f *Follower) current() (path string, last bool, err error) {
	paths, err := filepath.Glob(f.Pattern)
	if err != nil || len(paths) == 0 {
		return "", true, err
	}
	slices.Sort(paths)
	if f.done.Path == "" {
		return paths[0], len(paths) == 1, nil
	}
	for i, path := range paths {
		if n, err := inode(path); err == nil && n == f.done.Inode {
			f.done.Path = path
			return path, i == len(paths)-1, nil
		}
	}
	for i, path := range paths {
		if path > f.done.Path {
			f.complain(fmt.Errorf("%s is gone, read up to octet %d", f.done.Path, f.done.Offset))
			return path, i == len(paths)-1, nil
		}
	}
	return "", true, nil // it is gone, and nothing is newer
}

// read sends what stands behind what was sent of a file. Where the file is at its end and not the last, the next one is
// taken.
func (f *Follower) read(ctx context.Context, path string, last bool) (more bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return true, nil // it was renamed just now
		}
		return false, err
	}
	defer file.Close()
	number, err := inode(path)
	if err != nil {
		return true, nil
	}
	if number != f.done.Inode {
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
	paths, err := filepath.Glob(f.Pattern)
	if err != nil {
		return err
	}
	slices.Sort(paths)
	for _, newer := range paths {
		if newer <= path {
			continue
		}
		number, err := inode(newer)
		if err != nil {
			continue
		}
		f.done = position{Path: newer, Inode: number}
		return f.note()
	}
	return nil
}

var errLine = errors.New("a line is longer than any event")

// batch reads lines that are whole. over says that nobody writes to the file any more; end, that no more lines are there:
// then r may stand inside of one.
func (f *Follower) batch(r *bufio.Reader, over bool) (messages []Message, read int64, end bool, err error) {
	for len(messages) < batchLines && read < batchOctets {
		line, err := readLine(r)
		if err == io.EOF && !(over && len(line) > 0) {
			return messages, read, true, nil
		}
		if err != nil && err != io.EOF {
			return nil, 0, false, err
		}
		at := f.done.Offset + read
		read += int64(len(line))
		m, err := f.message(bytes.TrimRight(line, "\r\n"), at)
		if err != nil {
			f.complain(fmt.Errorf("%s, octet %d: %w", f.done.Path, at, err))
			continue
		}
		messages = append(messages, m)
	}
	return messages, read, false, nil
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
		if len(line) > longestLine {
			return nil, errLine
		}
	}
}

// message makes a message of a line.
func (f *Follower) message(line []byte, at int64) (Message, error) {
	var e struct {
		Type string `json:"type"`
		ID   string `json:"community_id"` // null leaves it empty
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return Message{}, fmt.Errorf("no event, left out: %w", err)
	}
	h := sha256.New()
	for _, part := range []string{f.Sensor, strconv.FormatUint(f.done.Inode, 10), strconv.FormatInt(at, 10)} {
		h.Write([]byte(part + "\x00"))
	}
	h.Write(line)
	return Message{ID: hex.EncodeToString(h.Sum(nil)[:16]), Key: e.ID, Line: line}, nil
}

// publish sends until all is acknowledged.
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
		sleep(ctx, f.Retry, time.Second)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
