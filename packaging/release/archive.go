package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// document is a file beside the binary.
type document struct {
	name string
	text []byte
	mode int64
}

// documents are handed out with every binary. The manual page and the completions are those of the program at hand.
func documents() ([]document, error) {
	var all []document
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, document{name, text, 0o644})
	}
	work, err := os.MkdirTemp("", "wshake-documents")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "wshake")
	if said, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/wshake").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	for name, args := range map[string][]string{"wshake.1": {"man"}, "completions/wshake.bash": {"completion", "bash"},
		"completions/_wshake": {"completion", "zsh"}, "completions/wshake.fish": {"completion", "fish"}} {
		text, err := exec.Command(program, args...).Output()
		if err != nil {
			return nil, fmt.Errorf("wshake %s: %w", strings.Join(args, " "), err)
		}
		if name == "wshake.1" { // its head names the version of this build
			lines := strings.SplitN(string(text), "\n", 2)
			text = []byte(".TH WSHAKE 1 \"\" \"wshake\" \"User Commands\"\n" + lines[1])
		}
		all = append(all, document{name, text, 0o644})
	}
	slices.SortFunc(all, func(a, b document) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// archive packs the binary: zip for Windows, else tar.gz.
func (r *release) archive(t target, binary, base string) error {
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	files := append([]document{{filepath.Base(binary), program, 0o755}}, r.documents...)
	pack, ending := r.tar, ".tar.gz"
	if t.os == "windows" {
		pack, ending = r.zip, ".zip"
	}
	out, err := os.Create(base + ending)
	if err != nil {
		return err
	}
	if err := pack(out, filepath.Base(base), files); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func (r *release) tar(out io.Writer, folder string, files []document) error {
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(packed)
	for _, f := range files {
		head := &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + f.name, Mode: f.mode, Size: int64(len(f.text)), ModTime: r.at, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write(f.text); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return packed.Close()
}

func (r *release) zip(out io.Writer, folder string, files []document) error {
	w := zip.NewWriter(out)
	for _, f := range files {
		head := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: r.at}
		head.SetMode(os.FileMode(f.mode))
		to, err := w.CreateHeader(head)
		if err != nil {
			return err
		}
		if _, err := to.Write(f.text); err != nil {
			return err
		}
	}
	return w.Close()
}

// packages makes deb and rpm by nfpm.
func (r *release) packages(t target, binary, work string) error {
	for _, f := range r.documents {
		path := filepath.Join(work, "documents", f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return err
		}
	}
	for _, kind := range []string{"deb", "rpm"} {
		cmd := exec.Command("nfpm", "package", "--config", "packaging/nfpm.yaml", "--packager", kind, "--target", r.dir)
		cmd.Env = append(os.Environ(), "VERSION="+r.version, "ARCH="+t.arch, "BINARY="+binary, "DOCUMENTS="+filepath.Join(work, "documents"),
			fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.at.Unix()))
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("nfpm: %w\n%s", err, said)
		}
	}
	return nil
}

// checksums writes SHA256SUMS over everything in the directory.
func (r *release) checksums() error {
	names, err := filepath.Glob(filepath.Join(r.dir, "wshake*"))
	if err != nil {
		return err
	}
	slices.Sort(names)
	var lines strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(content), filepath.Base(name))
	}
	return os.WriteFile(filepath.Join(r.dir, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
