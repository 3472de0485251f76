package part

import (
	"bytes"
	"io"
	"os"

	"wshake/capture"
)

// OpenLocal opens a file of a disk, or a piece of it.
func OpenLocal(f File, o capture.Options) (capture.Source, error) {
	if f.End == 0 {
		var paths []string
		for _, n := range f.all() {
			paths = append(paths, n.Path)
		}
		return capture.Open(paths, o)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	piece := io.NewSectionReader(file, f.Begin, f.End-f.Begin)
	src, err := OpenStream(f, io.MultiReader(bytes.NewReader(f.Head), piece), o)
	if err != nil {
		file.Close()
		return nil, err
	}
	return &openedFile{src, file}, nil
}

// OpenStream opens a file, or a piece of it, that is read as a stream. What is wrong is said of the file.
func OpenStream(f File, from io.Reader, o capture.Options) (capture.Source, error) {
	if tell := o.Problem; tell != nil {
		o.Problem = func(p *capture.Problem) { tell(f.inFile(p)) }
	}
	o.Stdin = from
	return capture.Open([]string{"-"}, o)
}

// inFile is a problem of a stream where it is in the file.
func (f *File) inFile(p *capture.Problem) *capture.Problem {
	in := *p
	in.Path = f.Path
	if f.Begin > 0 {
		in.Harmless = true // or it would say how many packets are before it in the piece
		if head := int64(len(f.Head)); in.Offset >= head {
			in.Offset += f.Begin - head
		}
	}
	return &in
}

// openedFile closes the file of a Source that reads it as a stream.
type openedFile struct {
	capture.Source
	file io.Closer
}

func (o *openedFile) Close() error {
	defer o.file.Close()
	return o.Source.Close()
}
