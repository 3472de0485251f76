package keylog

import (
	"bytes"
	"fmt"
)

// maxBadLines is how many bad lines a Tally names.
const maxBadLines = 16

// Tally says what was read from a key log.
type Tally struct {
	Secrets int // lines whose secret was taken, known ones included
	Ignored int // sound lines whose secret opens no record (EXPORTER_SECRET, ECH_SECRET and others)
	Bad     int // lines that are no lines of a key log
	Refused int // lines beyond MaxSecrets
	// BadLines names the first 16 bad lines.
	BadLines []BadLine
}

// BadLine is a line that could not be read. It does not repeat the line, which may hold a secret.
type BadLine struct {
	Number int // from 1
	Err    error
}

func (b BadLine) Error() string { return fmt.Sprintf("key log line %d: %v", b.Number, b.Err) }

func (b BadLine) Unwrap() error { return b.Err }

// Feed takes a key log in pieces. A line counts when its end was written. It is not safe for concurrent use.
type Feed struct {
	keys    *Log
	tally   Tally
	line    []byte // the beginning of a line whose end was not written yet
	number  int
	tooLong bool // the rest of the line is skipped
}

// Write takes the next piece; it never fails.
func (f *Feed) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		piece := p
		if end >= 0 {
			piece, p = p[:end], p[end+1:]
		} else {
			p = nil
		}
		if len(f.line)+len(piece) > MaxLine {
			f.line, f.tooLong = f.line[:0], true
		}
		if !f.tooLong {
			f.line = append(f.line, piece...)
		}
		if end >= 0 {
			f.endLine()
		}
	}
	return n, nil
}

// Close takes what was written as the last line, although its end is missing. It never fails.
func (f *Feed) Close() error {
	if len(f.line) > 0 || f.tooLong {
		f.endLine()
	}
	return nil
}

// Tally sums up what was written so far.
func (f *Feed) Tally() Tally { return f.tally }

func (f *Feed) endLine() {
	f.number++
	err := error(ErrLineTooLong)
	if !f.tooLong {
		err = f.take(bytes.TrimSpace(f.line))
	}
	clear(f.line)
	f.line, f.tooLong = f.line[:0], false
	if err != nil {
		if f.tally.Bad++; len(f.tally.BadLines) < maxBadLines {
			f.tally.BadLines = append(f.tally.BadLines, BadLine{Number: f.number, Err: err})
		}
	}
}

func (f *Feed) take(line []byte) error {
	if len(line) == 0 || line[0] == '#' {
		return nil
	}
	random, secret, err := parseLine(line)
	switch {
	case err != nil:
		return err
	case secret == nil:
		f.tally.Ignored++
	case f.keys.put(random, secret):
		f.tally.Secrets++
	default:
		f.tally.Refused++
	}
	return nil
}
