package pipeline

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"wshake/capture"
	"wshake/cmd/wshake-beam/internal/part"
)

// opener opens files of a disk as wshake does, and those of object stores as streams.
func opener(ctx context.Context) part.Opener {
	return func(file part.File, o capture.Options) (capture.Source, error) {
		path := file.Path
		if !inStore(path) {
			return part.OpenLocal(file, o)
		}
		fs, err := filesystem.New(ctx, path)
		if err != nil {
			return nil, err
		}
		f, err := fs.OpenRead(ctx, path)
		if err != nil {
			fs.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		src, err := part.OpenStream(file, f, o)
		if err != nil {
			f.Close()
			fs.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return &remote{src, func() { f.Close(); fs.Close() }}, nil
	}
}

// remote is a Source of an object store.
type remote struct {
	capture.Source
	release func()
}

func (r *remote) Close() error {
	defer r.release()
	return r.Source.Close()
}
