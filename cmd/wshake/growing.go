package main

import (
	"errors"
	"io/fs"
	"os"

	"wshake/analyze/tls"
)

// growingLog is a key log that is written while packets are captured. It is looked at after each batch of packets; a line
// counts once its end is written. A log that is replaced or cut is read again from its beginning.
type growingLog struct {
	path string
	file *os.File // nil while there is none
	info fs.FileInfo
	read int64 // octets of it
	feed *tls.Feed
	told tls.Tally // bad lines until here were named
	err  string    // what keeps it from being read, "" where nothing does
}

// look tells whether there is something to read.
func (g *growingLog) look() bool {
	info, err := g.stat()
	if err != nil {
		return g.trouble(err)
	}
	return g.file == nil || info.Size() != g.read || !os.SameFile(info, g.info)
}

// stat describes what stands at the path; where that cannot be told, for it was removed or privileges were dropped, the file
// that is open.
func (g *growingLog) stat() (fs.FileInfo, error) {
	info, err := os.Stat(g.path)
	if err != nil && g.file != nil {
		return g.file.Stat()
	}
	return info, err
}

// trouble tells whether err is one that was not told yet. That a log does not exist, any more or yet, is none.
func (g *growingLog) trouble(err error) bool {
	return !errors.Is(err, fs.ErrNotExist) && err.Error() != g.err
}

// take reads what has been written into k.
func (g *growingLog) take(k *keyring) {
	if err := g.extend(k); err != nil && g.trouble(err) {
		g.err = err.Error()
		k.std.complain("%v", err)
	}
	if g.feed != nil {
		tally := g.feed.Tally()
		k.complain(g.path, tally, g.told)
		g.told = tally
	}
}

func (g *growingLog) extend(k *keyring) error {
	info, err := g.stat()
	if err != nil {
		return err
	}
	if g.file == nil || info.Size() < g.read || !os.SameFile(info, g.info) {
		g.close()
		if g.file, err = os.Open(g.path); err != nil {
			g.file = nil
			return err
		}
		if g.info, err = g.file.Stat(); err != nil {
			return err
		}
		g.read, g.feed, g.told = 0, k.log.NewFeed(), tls.Tally{}
	}
	n, err := g.file.WriteTo(g.feed)
	g.read += n
	return err
}

func (g *growingLog) close() {
	if g.file != nil {
		g.file.Close()
		g.file = nil
	}
}
