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
	o.Stdin = io.NewSectionReader(file, f.Begin, f.End-f.Begin)
	if len(f.Head) > 0 {
		o.Stdin = io.MultiReader(bytes.NewReader(f.Head), o.Stdin)
	}
	src, err := capture.Open([]string{"-"}, o)
	if err != nil {
		file.Close()
		return nil, err
	}
	return &openedFile{src, file}, nil
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
