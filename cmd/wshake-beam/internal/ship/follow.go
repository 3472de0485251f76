package ship

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	// Publish returns nil when all messages are acknowledged, and a Refused when all are but those that can never be.
	// After another error some may be.
	Publish(ctx context.Context, messages []Message) error
}

// Refused is the error about messages that a stream does not take, whenever they are sent, such as those that are too
// large.
type Refused struct {
	At  []int // in the messages
	Err error // about the last
}

func (r *Refused) Error() string { return r.Err.Error() }
func (r *Refused) Unwrap() error { return r.Err }

// refused is the error where some are, or nil.
func refused(at []int, last error) error {
	if len(at) == 0 {
		return nil
	}
	return &Refused{at, last}
}

// Follower follows the files of a sensor.
type Follower struct {
	Pattern  string // of their names: "events*.ndjson"; they are read in the order of older
	Position string // file that notes how far it is
	Sensor   string // its name, part of every message id
	Sink     Sink
	Wait     time.Duration // between two looks for more; 0 means 200 ms
	Retry    time.Duration // before what failed is tried again the first time; 0 means 1 s
	Complain func(error)   // of what is tried again and of lines that are no events; may be nil

	done position
	idle found // the file when it had nothing more, as far as its number and size go
}

// Batches are no larger than this.
const (
	batchLines  = 1024
	batchOctets = 1 << 20
	longestLine = 64 << 20
)

// Run follows until ctx is done, and then returns nil. What goes wrong on the way is tried again.
func (f *Follower) Run(ctx context.Context) error {
	if _, err := filepath.Match(f.Pattern, ""); err != nil {
		return fmt.Errorf("%s: %w", f.Pattern, err)
	}
	unlock, err := lock(f.Position)
	if err != nil {
		return err
	}
	defer unlock()
	if f.done, err = readPosition(f.Position); err != nil {
		return err
	}
	for ctx.Err() == nil {
		more := false
		err := f.persist(ctx, func() (err error) {
			more, err = f.step(ctx)
			return err
		})
		if err == nil && !more {
			sleep(ctx, cmp.Or(f.Wait, 200*time.Millisecond))
		}
	}
	return nil
}

func (f *Follower) persist(ctx context.Context, try func() error) error {
	return Persist(ctx, cmp.Or(f.Retry, time.Second), f.complain, try)
}

func (f *Follower) complain(err error) {
	if f.Complain != nil {
		f.Complain(err)
	}
}

// note writes how far it is.
func (f *Follower) note(ctx context.Context) error {
	return f.persist(ctx, func() error { return f.done.write(f.Position) })
}

// step sends what stands behind what was sent. It tells whether there may be more.
func (f *Follower) step(ctx context.Context) (more bool, err error) {
	at, over, err := f.current()
	if err != nil || at == nil {
		return false, err
	}
	file, err := os.Open(at.path)
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
	if opened, err := inode(info); err != nil || opened != at.number {
		return false, err // another one was renamed to it just now
	}
	if at.number != f.done.Inode {
		f.done = position{Path: at.path, Inode: at.number}
	}
	f.done.Path = at.path
	if same, err := f.done.holds(file, info.Size()); err != nil {
		return false, err
	} else if !same {
		return true, f.cutOff(at.path)
	}
	if !over && f.idle.number == at.number && f.idle.size == info.Size() {
		return false, nil // or a long line without an end would be read again and again
	}
	more, err = f.read(ctx, file, over)
	if err != nil || more || ctx.Err() != nil {
		return more, err
	}
	if !over {
		f.idle = found{number: at.number, size: info.Size()}
		return false, nil
	}
	if err := f.next(at.path); err != nil {
		return false, err
	}
	return true, f.note(ctx)
}

// read sends the lines of a file from the position on.
func (f *Follower) read(ctx context.Context, file *os.File, over bool) (more bool, err error) {
	if _, err := file.Seek(f.done.Offset, io.SeekStart); err != nil {
		return false, err
	}
	r := bufio.NewReaderSize(file, 256<<10)
	for end := false; !end && ctx.Err() == nil; {
		var messages []Message
		var behind position
		if messages, behind, end, err = f.batch(r, over); err != nil {
			return false, fmt.Errorf("%s: %w", f.done.Path, err)
		}
		if behind.Offset == f.done.Offset {
			break
		}
		info, err := file.Stat()
		if err != nil {
			return false, err
		}
		// A file that was cut off while it was read may have given octets of two files.
		if same, err := behind.holds(file, info.Size()); err != nil {
			return false, err
		} else if !same {
			return true, f.cutOff(f.done.Path)
		}
		if err := f.publish(ctx, messages); err != nil {
			return false, err
		}
		behind.Changed = info.ModTime().UnixNano()
		f.done, more = behind, true
		if err := f.note(ctx); err != nil {
			return false, err
		}
	}
	return more, nil
}

var errLine = errors.New("longer than any event, left out")

// batch reads lines that are whole, and gives the position behind them. over says that nobody writes to the file any
// more; end, that no more lines are there: then r may stand inside of one.
func (f *Follower) batch(r *bufio.Reader, over bool) (messages []Message, behind position, end bool, err error) {
	behind = f.done
	for len(messages) < batchLines && behind.Offset-f.done.Offset < batchOctets {
		line, length, err := readLine(r)
		if err == io.EOF && !(over && length > 0) {
			return messages, behind, true, nil
		}
		if err != nil && err != io.EOF {
			return nil, behind, false, err
		}
		at := behind.Offset
		behind.add(line, length)
		var m Message
		if err = errLine; length <= longestLine {
			m, err = f.message(bytes.TrimRight(line, "\r\n"), at)
		}
		if err != nil {
			f.complain(fmt.Errorf("%s, octet %d: %w", f.done.Path, at, err))
			continue
		}
		messages = append(messages, m)
	}
	return messages, behind, false, nil
}

// readLine reads a line of length octets, with its end. A line that is longer than longestLine is cut.
func readLine(r *bufio.Reader) (line []byte, length int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		length += int64(len(part))
		line = append(line, part[:min(len(part), longestLine-len(line))]...)
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
	return f.persist(ctx, func() error {
		err := f.Sink.Publish(ctx, messages)
		if refused := (*Refused)(nil); errors.As(err, &refused) {
			for _, i := range refused.At {
				f.complain(fmt.Errorf("an event of %d octets is left out: the stream does not take it: %w",
					len(messages[i].Line), err))
			}
			return nil
		}
		return err
	})
}
