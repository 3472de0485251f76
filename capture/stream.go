package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// maxProblems is how many problems of one file are reported, besides the one that ends it.
const maxProblems = 64

// stream is one file on the timeline.
type stream struct {
	path    string
	index   int32 // in Source.Names
	options *Options
	size    int64 // octets, 0 if not known
	read    atomic.Int64

	// head is the next packet, unless delivered is set, when it is the one that was delivered last. Its time places the
	// stream on the timeline; of a closed file it is the time of the first packet.
	head      Packet
	delivered bool

	secretsLate    bool      // a pcapng file that prescan does not look through
	prescanned     bool      // its secrets were taken by prescan
	pendingSecrets []Secrets // not delivered yet

	in       *peekReader // nil while the file is closed
	reader   reader
	release  func()
	problems int

	drops      Drops // that the file counts
	dropsKnown bool
	snaplen    uint32 // the smallest that the file declares, 0 if none
}

// advance makes head the next packet. It returns io.EOF at the end, when all damage was reported and the file is
// closed, and errWouldBlock if that may not wait and would have to.
func (s *stream) advance(w wait) error {
	if s.in == nil {
		if err := s.open(); err != nil {
			s.report(&Problem{Offset: wholeFile, Err: err})
			return io.EOF
		}
	}
	s.in.noWait = w == never
	err := nextPacket(&s.reader, &s.head)
	if err == nil {
		s.head.File = s.index
		s.delivered = false
		return nil
	}
	if err == errWouldBlock {
		return err
	}
	if p := (*Problem)(nil); errors.As(err, &p) {
		s.report(p)
	}
	s.close()
	return io.EOF
}

// wait says whether input may be waited for.
type wait uint8

const (
	always wait = iota
	never
)

// open opens a regular file where the timeline has reached it.
func (s *stream) open() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	c, err := decompress(&counted{f, &s.read})
	if err != nil {
		f.Close()
		return err
	}
	if c.format == pcapng && !c.compressed {
		s.prescan()
	}
	s.attach(c, func() { f.Close() })
	return nil
}

// attach makes c the content of the stream; release is called when it is no longer read.
func (s *stream) attach(c *content, release func()) {
	src, size := c.Reader, bufferSize
	s.release = release
	if c.compressed {
		a := newPrefetcher(c, func() { c.close(); release() })
		src, s.release = a, a.close
	} else if s.size > 0 && s.size < bufferSize {
		size = max(int(s.size)+1, smallBuffer) // with room for the read that finds the end
	}
	s.in = newPeekReader(src, size)
	s.reader = newReader(c.format, s.in, s)
}

// close gives up the file; nothing more will come of it.
func (s *stream) close() {
	if s.in == nil {
		return
	}
	s.in.close()
	s.release()
	s.in, s.reader, s.head.Data = nil, nil, nil
	if s.size > 0 {
		s.read.Store(s.size)
	}
}

// problem takes damage that was read past.
func (s *stream) problem(p *Problem) {
	s.problems++
	if s.problems > maxProblems {
		return
	}
	if s.problems == maxProblems {
		p.Err = fmt.Errorf("%w (more like this in the file is not told)", p.Err)
	}
	s.report(p)
}

func (s *stream) report(p *Problem) {
	p.Path = s.path
	if s.options.Problem != nil {
		s.options.Problem(p)
	}
}

func (s *stream) snapLength(octets uint32) {
	if octets > 0 && (s.snaplen == 0 || octets < s.snaplen) {
		s.snaplen = octets
	}
}

func (s *stream) dropped(kernel, device int64) {
	s.drops.Kernel += uint64(kernel)
	s.drops.Interface += uint64(device)
	s.dropsKnown = true
}

// anotherFile tells of a file that begins behind the one that was read so far. Prescan did not look into it.
func (s *stream) anotherFile(offset int64, packet uint64) {
	s.prescanned = false
	s.problem(&Problem{Offset: offset, Packet: packet, Harmless: true, Err: errAnotherFile})
}

var errAnotherFile = errors.New("another capture, which is read as well, begins")

func (s *stream) secrets(kind uint32, data []byte) {
	if s.options.Secrets != nil && !s.prescanned {
		s.pendingSecrets = append(s.pendingSecrets, Secrets{File: s.index, Type: kind, Data: data})
	}
}

// deliverSecrets gives the secrets that were met to the user.
func (s *stream) deliverSecrets() {
	for _, met := range s.pendingSecrets {
		s.options.Secrets(met)
	}
	s.pendingSecrets = nil
}

// counted counts the octets that are read through it.
type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}
