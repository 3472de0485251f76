package keylog

import (
	"errors"
	"io/fs"
	"os"
)

// growingFile is a key log that is written while packets are captured. A log that is replaced or cut is read again
// from its beginning.
type growingFile struct {
	path     string
	file     *os.File // nil while there is none
	info     fs.FileInfo
	read     int64 // octets of it
	feed     *Feed
	reported Tally  // bad lines up to here were reported
	problem  string // why it cannot be read, "" if it can; reported once
}

// changed tells whether there is something to read, or a problem to report.
func (g *growingFile) changed() bool {
	info, err := g.stat()
	if err != nil {
		return g.isNew(err)
	}
	return g.file == nil || info.Size() != g.read || !os.SameFile(info, g.info)
}

// stat describes the file at the path. If that fails, because the file was removed or privileges were dropped, it
// describes the file that is open.
func (g *growingFile) stat() (fs.FileInfo, error) {
	info, err := os.Stat(g.path)
	if err != nil && g.file != nil {
		return g.file.Stat()
	}
	return info, err
}

// isNew tells whether err was not reported yet. A file that does not exist, yet or any more, is no problem.
func (g *growingFile) isNew(err error) bool {
	return !errors.Is(err, fs.ErrNotExist) && err.Error() != g.problem
}

// update reads what was written since the last call into the collector's log.
func (g *growingFile) update(c *Collector) {
	if err := g.extend(&c.Log); err != nil && g.isNew(err) {
		g.problem = err.Error()
		c.warn(err)
	}
	if g.feed != nil {
		tally := g.feed.Tally()
		c.report(g.path, tally, g.reported)
		g.reported = tally
	}
}

func (g *growingFile) extend(log *Log) error {
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
		g.read, g.feed, g.reported = 0, log.NewFeed(), Tally{}
	}
	n, err := g.file.WriteTo(g.feed)
	g.read += n
	return err
}

func (g *growingFile) close() {
	if g.file != nil {
		g.file.Close()
		g.file = nil
	}
}
