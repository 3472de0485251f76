package outfile

import (
	"bytes"
	"io"
	"os"
)

// twinEnds is how many octets of the beginning and of the end of two files are compared.
const twinEnds = 64 << 10

// twins reports whether a and b seem to be one file that is seen through two file systems (overlay, FUSE, a share of
// this machine), which give it different inodes: both have one size, one time and the same octets at both ends. A
// copy that kept the time looks the same.
func twins(a, b *named) bool {
	if a.info == nil || b.info == nil || !a.info.Mode().IsRegular() || !b.info.Mode().IsRegular() ||
		a.info.Size() != b.info.Size() || a.info.Size() == 0 || a.info.ModTime().Unix() != b.info.ModTime().Unix() {
		return false
	}
	first, closeFirst := a.octets()
	defer closeFirst()
	second, closeSecond := b.octets()
	defer closeSecond()
	if first == nil || second == nil {
		return false
	}
	for _, at := range []int64{0, max(0, a.info.Size()-twinEnds)} {
		x, y := make([]byte, twinEnds), make([]byte, twinEnds)
		n, err := first.ReadAt(x, at)
		m, again := second.ReadAt(y, at)
		if err != nil && err != io.EOF || again != nil && again != io.EOF || !bytes.Equal(x[:n], y[:m]) {
			return false
		}
	}
	return true
}

// octets opens what n describes, nil where that cannot be read. Of a file that is open its place is not moved.
func (n *named) octets() (r io.ReaderAt, release func()) {
	f := n.file
	release = func() {}
	if f == nil {
		var err error
		if f, err = os.Open(n.path); err != nil {
			return nil, release
		}
		release = func() { f.Close() }
	}
	if info, err := f.Stat(); err != nil || !os.SameFile(info, n.info) {
		return nil, release
	}
	return f, release
}
