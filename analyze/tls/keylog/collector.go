package keylog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"wshake/capture"
)

// blockType is the secrets type of a Decryption Secrets Block that holds a TLS key log (draft-ietf-opsawg-pcapng
// §4.7).
const blockType = 0x544c534b

// maxEmbedded bounds the key logs of a capture that were met and not read yet, octets: about as much as a Log has room
// for.
const maxEmbedded = 64 << 20

// Collector collects the secrets of one run in its Log: from files, from files that grow, and from inside captures.
// Its methods are called from one goroutine.
type Collector struct {
	Log Log
	// Warn is told of lines that cannot be read, of what was left out, and of followed files that do not exist yet. It
	// may be nil.
	Warn func(error)

	growing  []*growingFile
	embedded []capture.Secrets                   // met, not read yet
	size     int                                 // of embedded, octets
	leftOut  bool                                // some key logs did not fit into maxEmbedded
	scans    []func(found func(capture.Secrets)) // of files that were opened since the last Poll

	mu       sync.Mutex
	warnings []func() // of key logs that were read by Log.Later, from any goroutine
}

// File reads a complete key log.
func (c *Collector) File(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	tally, err := c.Log.Add(f)
	f.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if good := tally.Secrets + tally.Ignored + tally.Refused; good == 0 && tally.Bad > maxBadLines {
		c.warn(fmt.Errorf("%s: is not a key log: none of its %d lines is one of a key log", path, tally.Bad))
		return nil
	}
	c.report(path, tally, Tally{})
	return nil
}

// Follow reads a key log from its beginning, and what is written to it later with each Poll. It may not exist yet.
// What is no regular file is read to its end at once.
func (c *Collector) Follow(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.warn(fmt.Errorf("%s does not exist yet: waiting for it", path))
		c.growing = append(c.growing, &growingFile{path: path})
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return c.File(path)
	default:
		g := &growingFile{path: path}
		g.update(c)
		c.growing = append(c.growing, g)
	}
	return nil
}

// Embedded takes the content of a Decryption Secrets Block, as capture.Options.Secrets.
func (c *Collector) Embedded(b capture.Secrets) {
	if b.Type != blockType {
		return
	}
	if c.size+len(b.Data) > maxEmbedded {
		c.leftOut = true
		return
	}
	c.size += len(b.Data)
	c.embedded = append(c.embedded, b)
}

// Prescan takes a way to find all secrets of a capture file, as capture.Options.Prescan. It is used when the first
// secret is looked up.
func (c *Collector) Prescan(scan func(found func(capture.Secrets))) { c.scans = append(c.scans, scan) }

// Poll tells whether secrets have come that are not in the log: it returns nil or a function that puts them there. It
// serves as analyze.Keys.Poll.
func (c *Collector) Poll() (learn func()) {
	changed := len(c.embedded)+len(c.scans) > 0 || c.leftOut
	for _, g := range c.growing {
		changed = g.changed() || changed
	}
	if !changed {
		return nil
	}
	return c.learn
}

func (c *Collector) learn() {
	for _, b := range c.embedded {
		c.report(insideCapture, c.read(b), Tally{})
	}
	for _, scan := range c.scans {
		c.Log.Later(func() {
			scan(func(b capture.Secrets) {
				if b.Type == blockType {
					c.warnLater(c.read(b))
				}
			})
		})
	}
	if c.leftOut {
		c.warn(fmt.Errorf("key logs inside the capture: those beyond %d MiB were left out", maxEmbedded>>20))
	}
	c.embedded, c.size, c.leftOut, c.scans = nil, 0, false, nil
	for _, g := range c.growing {
		g.update(c)
	}
}

const insideCapture = "key log inside the capture"

func (c *Collector) read(b capture.Secrets) Tally {
	f := c.Log.NewFeed()
	f.Write(b.Data)
	f.Close()
	return f.Tally()
}

// warnLater keeps the report until Close: the goroutine that looked a secret up may not call Warn.
func (c *Collector) warnLater(tally Tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warnings = append(c.warnings, func() { c.report(insideCapture, tally, Tally{}) })
}

// report names the bad lines of a key log that are not in the tally before, by their number and never by their
// content.
func (c *Collector) report(name string, now, before Tally) {
	for _, bad := range now.BadLines[len(before.BadLines):] {
		c.warn(fmt.Errorf("%s: line %d: %w", name, bad.Number, bad.Err))
	}
	if rest := now.Bad - before.Bad - (len(now.BadLines) - len(before.BadLines)); rest > 0 {
		c.warn(fmt.Errorf("%s: %d more bad lines", name, rest))
	}
	if refused := now.Refused - before.Refused; refused > 0 {
		c.warn(fmt.Errorf("%s: %d secrets are more than are kept", name, refused))
	}
}

func (c *Collector) warn(err error) {
	if c.Warn != nil {
		c.Warn(err)
	}
}

// Close gives the warnings that were kept and closes the files that were followed. It is called when the analysis is
// over.
func (c *Collector) Close() {
	for _, warn := range c.warnings {
		warn()
	}
	c.warnings = nil
	for _, g := range c.growing {
		g.close()
	}
	c.growing = nil
}
