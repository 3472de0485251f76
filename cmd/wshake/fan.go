package main

import (
	"errors"
	"fmt"

	"wshake/analyze/event"
	"wshake/cmd/wshake/outfile"
)

// fan gives the events of one pass to several outputs: to each the kinds that it asked for, with as much payload.
type fan struct {
	output // the main one, which is asked for errors while the run lasts
	main   *branch
	others []*branch
	told   map[string]uint64 // caveats of the others, by name

	frame   event.Frame // as the output that is called asked for it
	message event.Message
}

// branch is one of the outputs.
type branch struct {
	flag    string // "" for the main one
	to      output
	kinds   event.Kinds
	payload int           // octets of each frame or message
	digest  bool          // it has digests of messages
	file    *outfile.File // nil where it writes to several, or to standard output
}

// cut leaves as much of p as the output asked for.
func (b *branch) cut(p *event.Payload) {
	if b.payload == 0 {
		*p = event.Payload{}
		return
	}
	if len(p.Data) <= b.payload {
		return
	}
	p.Data, p.Truncated, p.Limited = p.Data[:b.payload], true, false
	for i, r := range p.Unknown { // the list is of the octets that are left
		if end := uint64(b.payload); r.Offset+r.Length > end {
			left := append([]event.Range(nil), p.Unknown[:i]...)
			if r.Offset < end {
				left = append(left, event.Range{Offset: r.Offset, Length: end - r.Offset})
			}
			p.Unknown = left
			break
		}
	}
}

// each calls f with all branches that asked for a kind.
func (f *fan) each(kind event.Kinds, give func(*branch)) {
	if f.main.kinds.Has(kind) {
		give(f.main)
	}
	for _, b := range f.others {
		if b.kinds.Has(kind) {
			give(b)
		}
	}
}

func (f *fan) Handshake(e *event.Handshake) {
	f.each(event.KindHandshake, func(b *branch) { b.to.Handshake(e) })
}

func (f *fan) Frame(e *event.Frame) {
	f.each(event.KindFrame, func(b *branch) {
		f.frame = *e
		b.cut(&f.frame.Payload)
		b.to.Frame(&f.frame)
	})
}

func (f *fan) Message(e *event.Message) {
	f.each(event.KindMessage, func(b *branch) {
		f.message = *e
		b.cut(&f.message.Payload)
		if !b.digest {
			f.message.SHA256 = event.Opt[[32]byte]{}
		}
		b.to.Message(&f.message)
	})
}

func (f *fan) Connection(e *event.Connection) {
	f.each(event.KindConnection, func(b *branch) { b.to.Connection(e) })
}

func (f *fan) Finding(e *event.Finding) {
	f.each(event.KindFinding, func(b *branch) { b.to.Finding(e) })
}

func (f *fan) Caveat(e *event.Caveat) {
	f.each(event.KindCaveat, func(b *branch) { b.to.Caveat(e) })
}

// limited tells that one of the others reached a limit.
func (f *fan) limited(name string, at *event.At, text string) {
	f.told[name]++
	f.Caveat(&event.Caveat{At: *at, Name: name, Text: text})
}

// Summary goes to all evidence files: it ends them.
func (f *fan) Summary(e *event.Summary) {
	for name, n := range f.told {
		e.Caveats[name] += n
	}
	if f.main.kinds.Has(event.KindSummary) {
		f.main.to.Summary(e)
	}
	for _, b := range f.others {
		b.to.Summary(e)
	}
}

// Pause is of the main output: the others are read when they are complete.
func (f *fan) Pause() error { return f.main.to.Pause() }

// Flush completes all outputs, each even where another fails.
func (f *fan) Flush() error {
	err := f.main.to.Flush()
	for _, b := range f.others {
		if e := b.finish(); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", b.flag, e))
		}
	}
	return err
}

// finish gives a file its name when all of it is there, else it removes it.
func (b *branch) finish() error {
	err := b.to.Flush()
	if b.file == nil {
		return err
	}
	defer b.file.Close()
	if err == nil {
		err = b.file.Commit()
	}
	return err
}

// giveUp removes what was begun: the run does not take place.
func (f *fan) giveUp() {
	for _, b := range f.others {
		if b.file != nil {
			b.file.Close()
		}
	}
}
