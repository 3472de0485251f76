package capture

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Limits on compression.
const (
	maxLayers  = 2         // one compression inside another
	zstdWindow = 128 << 20 // octets, as much as the zstd command accepts without being told to
	sniffed    = 32 << 10  // octets that are read at once to learn what a file is
)

// content is a file seen through its compression.
type content struct {
	io.Reader
	format     format
	compressed bool
	release    []func() // of the decoders
}

// decompress finds the capture in r, under its compression. The error is a notCapture, or says what is wrong with the
// compressed stream.
func decompress(r io.Reader) (*content, error) {
	c := new(content)
	for layer := 0; ; layer++ {
		b := bufio.NewReaderSize(r, sniffed)
		head, err := b.Peek(4)
		f := formatOf(head)
		switch f {
		case pcap, pcapng:
			c.Reader, c.format, c.compressed = b, f, layer > 0
			return c, nil
		case gzipped, zstandard:
			if layer == maxLayers {
				c.close()
				return nil, notCapture("it is compressed more than twice")
			}
			if r, err = c.addDecoder(f, b); err != nil {
				c.close()
				return nil, err
			}
		default:
			if err == nil {
				head, _ = b.Peek(4096)
			}
			c.close()
			if err != nil && err != io.EOF {
				return nil, err
			}
			what := looksLike(head)
			if layer > 0 {
				what += ", compressed"
			}
			return nil, notCapture(what)
		}
	}
}

// addDecoder adds the decoder of a compression.
func (c *content) addDecoder(f format, r io.Reader) (io.Reader, error) {
	if f == gzipped {
		d, err := gzip.NewReader(r)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, &decodeError{"gzip", err}
		}
		return named{"gzip", d}, nil
	}
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, &decodeError{"zstd", err}
	}
	c.release = append(c.release, d.Close)
	return named{"zstd", d}, nil
}

func (c *content) close() {
	for _, f := range c.release {
		f()
	}
	c.release = nil
}

// named puts the name of its format before a decoder's errors.
type named struct {
	name    string
	decoder io.Reader
}

func (n named) Read(b []byte) (int, error) {
	got, err := n.decoder.Read(b)
	if err != nil && err != io.EOF {
		err = &decodeError{n.name, err}
	}
	return got, err
}

// decodeError is what ended a compressed stream.
type decodeError struct {
	name string
	err  error
}

func (e *decodeError) Error() string {
	if errors.Is(e.err, io.ErrUnexpectedEOF) {
		return e.name + " stream ends early"
	}
	return e.name + " stream: " + e.err.Error()
}

func (e *decodeError) Unwrap() error { return e.err }
