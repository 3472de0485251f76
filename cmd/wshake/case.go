package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"wshake/analyze/report"
)

// digest says which file was read or written.
type digest struct {
	Path   string  `json:"path"`
	Size   *int64  `json:"size"`   // null where it is no file that can be read again
	SHA256 *string `json:"sha256"` // likewise
	Why    string  `json:"why,omitempty"`
}

// digests reads files once more. Of standard input, which cannot be, the digest is that of stdin where it was kept.
func digests(paths []string, stdin *hashed) []digest {
	list := []digest{}
	for _, path := range paths {
		d := digest{Path: path}
		switch {
		case path == "-" && stdin != nil:
			sum := hex.EncodeToString(stdin.sum.Sum(nil))
			d.Size, d.SHA256 = &stdin.size, &sum
			if !stdin.whole {
				d.Why = "it was not read to its end: the digest is of what was read"
			}
		case path == "-":
			d.Why = "standard input cannot be read again"
		default:
			d.fill()
		}
		list = append(list, d)
	}
	return list
}

// fill computes size and digest.
func (d *digest) fill() {
	info, err := os.Stat(d.Path)
	if err == nil && !info.Mode().IsRegular() {
		d.Why = "it is no regular file"
		return
	}
	f, err := os.Open(d.Path)
	if err != nil {
		d.Why = err.Error()
		return
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		d.Why = err.Error()
		return
	}
	text := hex.EncodeToString(sum.Sum(nil))
	d.Size, d.SHA256 = &n, &text
}

// hashed is standard input of which the digest is taken as it is read.
type hashed struct {
	r     io.Reader
	sum   hash.Hash
	size  int64
	whole bool // its end was read
}

func newHashed(r io.Reader) *hashed { return &hashed{r: r, sum: sha256.New()} }

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.sum.Write(p[:n])
	h.size += int64(n)
	h.whole = h.whole || err == io.EOF
	return n, err
}

// custody is the record of a run for a chain of custody.
type custody struct {
	Tool    string   `json:"tool"`
	Version string   `json:"version"`
	Command []string `json:"command"`
	Folder  string   `json:"folder"` // that relative paths begin in
	Started string   `json:"started"`
	Ended   string   `json:"ended"`
	Status  int      `json:"status"`
	Inputs  []digest `json:"inputs"`
	KeyLogs []digest `json:"key_logs"`
	Outputs []digest `json:"outputs"`
}

// writeCase writes the record, when all other outputs are complete.
func (o *options) writeCase(ctx context.Context, names []string, status int) error {
	file, err := o.outputs.CreateWhole(ctx, o.caseFile)
	if err != nil {
		return err
	}
	defer file.Close()
	keylogs, _ := o.keyLogs() // an error ended the run
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	if names == nil {
		names = o.interfaces
	}
	c := custody{Tool: "wshake", Version: ownVersion(), Command: append([]string{"wshake"}, o.args...), Folder: folder,
		Started: report.RFC3339(o.began.UnixNano()), Ended: report.RFC3339(time.Now().UnixNano()), Status: status,
		Inputs: digests(names, o.stdin), KeyLogs: digests(keylogs, nil), Outputs: digests(o.written(), nil)}
	b, err := report.MarshalJSON(&c)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(b, '\n')); err != nil {
		return err
	}
	return file.Commit()
}

// written are the files that the run wrote.
func (o *options) written() []string {
	var paths []string
	for _, a := range o.also {
		paths = append(paths, a.path)
	}
	for _, path := range []string{o.har, o.html, o.packets} {
		if path != "" && path != "-" {
			paths = append(paths, path)
		}
	}
	if o.outputFile != "" && o.outputPaths != nil {
		paths = append(paths, o.outputPaths()...)
	}
	if o.write != "" {
		paths = append(paths, o.rotation.Paths(o.write)...)
	}
	if o.extract != "" {
		files, _ := filepath.Glob(filepath.Join(o.extract, "*")) // the pattern is valid, or there is nothing
		paths = append(paths, files...)
	}
	return paths
}
