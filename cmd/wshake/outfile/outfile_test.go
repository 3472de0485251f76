package outfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world is a directory with evidence in it, under several names.
type world struct {
	t   *testing.T
	dir string
}

const evidence = "what was captured"

func newWorld(t *testing.T) *world {
	w := &world{t, t.TempDir()}
	w.do(os.MkdirAll(w.path("case/deep"), 0o700))
	w.do(os.WriteFile(w.path("evidence"), []byte(evidence), 0o644))
	w.do(os.WriteFile(w.path("case/deep/inside"), []byte(evidence), 0o644))
	w.do(os.WriteFile(w.path("other"), []byte("of no interest"), 0o644))
	w.do(os.Symlink(w.path("evidence"), w.path("link")))
	w.do(os.Link(w.path("evidence"), w.path("hard")))
	w.do(os.Symlink(w.path("other"), w.path("to-other")))
	w.do(os.Symlink(w.path("nowhere"), w.path("to-nothing")))
	w.do(os.Symlink(w.path("case"), w.path("linked-case")))
	w.do(os.Symlink(w.path("evidence"), w.path("case/of-evidence")))
	w.do(os.WriteFile(w.path("other-view"), []byte(evidence), 0o600)) // as through an overlay: another inode
	seen, err := os.Stat(w.path("evidence"))
	w.do(err)
	w.do(os.Chtimes(w.path("other-view"), seen.ModTime(), seen.ModTime()))
	w.do(os.WriteFile(w.path("of-its-time"), []byte("another content!!"), 0o600))
	w.do(os.Chtimes(w.path("of-its-time"), seen.ModTime(), seen.ModTime()))
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) content(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(w.path(name))
	w.do(err)
	return string(b)
}

func TestOutputsNeverDestroyInputs(t *testing.T) {
	for _, c := range []struct {
		name, input, output string
		force               bool
		want                string // of the error, "" where there is none
	}{
		{"another file", "evidence", "new", false, ""},
		{"the input", "evidence", "evidence", true, "is also read"},
		{"through a symbolic link", "evidence", "link", true, "is also read"},
		{"through a hard link", "evidence", "hard", true, "is also read"},
		{"the input named by its link", "link", "evidence", true, "is also read"},
		{"in another spelling", "evidence", "case/../evidence", true, "is also read"},
		{"an input that does not exist yet", "keys", "keys", true, "is also read"},
		{"one that does not exist yet, through a linked directory", "case/keys", "linked-case/keys", true,
			"is also read"},
		{"an existing file", "evidence", "other", false, "--force replaces it"},
		{"an existing file by force", "evidence", "other", true, ""},
		{"a link to a file", "evidence", "to-other", true, "symbolic link"},
		{"a link to nothing", "evidence", "to-nothing", true, "symbolic link"},
		{"a directory", "evidence", "case", true, "is a directory"},
		{"the directory that is read", "case", "case", true, "is also read"},
		{"a new file in the directory that is read", "case", "case/new", false, ""},
		{"an existing one", "case", "case/deep/inside", true, "is in "},
		{"an existing one by a link to the directory", "linked-case", "case/deep/inside", true, "is in "},
		{"what a link in the directory leads to", "case", "evidence", true, "is in "},
		{"another view of the input", "evidence", "other-view", true, "another view of it or a copy"},
		{"another view of a file in the directory", "case", "other-view", true, "is in "},
		{"a file of the same size and time", "evidence", "of-its-time", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			g := New(c.force)
			g.Input(w.path(c.input))
			err := g.Output(w.path(c.output))
			if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("Output gives %v, want %q", err, c.want)
			}
			f, err := g.Create(t.Context(), w.path(c.output))
			if c.want == "" != (err == nil) {
				t.Errorf("Create gives %v", err)
			}
			if err == nil {
				f.WriteString("output")
				w.do(f.Close())
				if got := w.content(c.output); got != "output" {
					t.Errorf("%s holds %q", c.output, got)
				}
			}
			for _, name := range []string{"evidence", "case/deep/inside"} {
				if got := w.content(name); got != evidence {
					t.Errorf("%s holds %q", name, got)
				}
			}
		})
	}
}

func TestStandardInputIsAnInput(t *testing.T) {
	w := newWorld(t)
	f, err := os.Open(w.path("evidence"))
	w.do(err)
	defer f.Close()
	g := New(true)
	g.InputFile("-", f)
	if err := g.Output(w.path("hard")); err == nil || !strings.Contains(err.Error(), "standard input") {
		t.Error(err)
	}
}

// What is appended to standard output may not become part of what is read.
func TestStandardOutputIsNoInput(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		input, output string
		captured      bool
		want          string
	}{
		{"evidence", "evidence", false, "is also read"},
		{"evidence", "hard", false, "is also read"},
		{"evidence", "other", true, ""},
		{"case", "case/deep/inside", true, "which is read"},
		{"case", "case/deep/inside", false, ""}, // a report that grows
	} {
		f, err := os.OpenFile(w.path(c.output), os.O_WRONLY|os.O_APPEND, 0)
		w.do(err)
		g := New(true)
		g.Input(w.path(c.input))
		err = g.OutputFile("standard output", f, func(string) bool { return c.captured })
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		w.do(f.Close())
	}
}

// A directory that was replaced by a link to the evidence since the last look loses nothing.
func TestDirectoryIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.do(os.MkdirAll(w.path("out"), 0o700))
	w.do(os.WriteFile(w.path("out/evidence"), nil, 0o600))
	g := New(true)
	g.Input(w.path("evidence"))
	whole, err := g.CreateWhole(t.Context(), w.path("out/evidence"))
	w.do(err)
	temporary := whole.file.Name()
	for range 2 { // with and without the temporary file in the other directory
		w.do(os.Rename(w.path("out"), w.path("away")))
		w.do(os.Symlink(w.dir, w.path("out")))
		if err := g.rename(temporary, w.path("out/evidence")); err == nil || w.content("evidence") != evidence {
			t.Errorf("%v, the evidence holds %q", err, w.content("evidence"))
		}
		w.do(os.Remove(w.path("out")))
		w.do(os.WriteFile(w.path(filepath.Base(temporary)), nil, 0o600))
		w.do(os.Rename(w.path("away"), w.path("out")))
	}
	w.do(whole.Commit())
}

func TestTwoOutputsToOneFile(t *testing.T) {
	w := newWorld(t)
	for _, force := range []bool{false, true} {
		g := New(force)
		if err := g.Output(w.path("new")); err != nil {
			t.Error(err)
		}
		if err := g.Output(w.path("case/../new")); err == nil {
			t.Error("a second output to the file was allowed")
		}
	}
	g := New(true)
	if err := errors.Join(g.Output(os.DevNull), g.Output(os.DevNull)); err != nil {
		t.Error(err)
	}
}

// A file that the run made is not replaced by it, and is known again.
func TestMadeByThisRun(t *testing.T) {
	w := newWorld(t)
	g := New(true)
	f, err := g.Create(t.Context(), w.path("case/new"))
	w.do(err)
	defer f.Close()
	if _, err := g.Create(t.Context(), w.path("linked-case/new")); err == nil {
		t.Error("its own output was replaced")
	}
	info, err := os.Stat(w.path("case/new"))
	w.do(err)
	other, err := os.Stat(w.path("evidence"))
	w.do(err)
	if !g.Made(info) || g.Made(other) {
		t.Error("what was made by this run is not told from what was not")
	}
}

func TestNewFilesAreForTheirOwner(t *testing.T) {
	w := newWorld(t)
	g := New(true)
	f, err := g.Create(t.Context(), w.path("new"))
	w.do(err)
	f.Close()
	whole, err := g.CreateWhole(t.Context(), w.path("other"))
	w.do(err)
	w.do(whole.Commit())
	for _, name := range []string{"new", "other"} {
		info, err := os.Stat(w.path(name))
		w.do(err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestCompleteOrAbsent(t *testing.T) {
	w := newWorld(t)
	names := func() string {
		entries, err := os.ReadDir(w.path("case"))
		w.do(err)
		var all []string
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return strings.Join(all, " ")
	}
	before := names()
	g := New(false)
	f, err := g.CreateWhole(t.Context(), w.path("case/report"))
	w.do(err)
	f.Write([]byte("half"))
	if _, err := os.Stat(w.path("case/report")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there before it is complete: %v", err)
	}
	w.do(f.Close())
	if got := names(); got != before {
		t.Errorf("what was given up leaves %q", got)
	}
	f, err = g.CreateWhole(t.Context(), w.path("case/report"))
	w.do(err)
	f.Write([]byte("whole"))
	w.do(f.Commit())
	w.do(f.Close())
	if got := w.content("case/report"); got != "whole" {
		t.Errorf("holds %q", got)
	}
	if got := strings.Fields(names()); len(got) != len(strings.Fields(before))+1 {
		t.Errorf("more is left than the report: %q", got)
	}
	// What appeared meanwhile stays.
	f, err = g.CreateWhole(t.Context(), w.path("case/late"))
	w.do(err)
	w.do(os.WriteFile(w.path("case/late"), []byte(evidence), 0o600))
	if err := f.Commit(); err == nil {
		t.Error("a file that appeared meanwhile was replaced")
	}
	if got := w.content("case/late"); got != evidence {
		t.Errorf("holds %q", got)
	}
}

// Without its context a FIFO that nobody reads would hold up the run for ever.
func TestContextEndsTheWait(t *testing.T) {
	path := fifo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(false).Create(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := New(false).CreateWhole(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFIFO(t *testing.T) {
	path := fifo(t)
	read := make(chan string)
	go func() {
		b, _ := os.ReadFile(path)
		read <- string(b)
	}()
	f, err := New(false).CreateWhole(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("through"))
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
	if got := <-read; got != "through" {
		t.Errorf("the reader has %q", got)
	}
}

// Of a directory only new files are written, existing ones with --force; a link in it leads nowhere.
func TestFilesOfADirectory(t *testing.T) {
	w := newWorld(t)
	info, err := os.Stat(w.path("case"))
	w.do(err)
	g := New(false)
	g.Input(w.path("evidence"))
	d, err := g.OpenDir(w.path("case"), info)
	w.do(err)
	defer d.Close()
	write := func(name string) error { return d.Write(context.Background(), name, []byte("new")) }
	w.do(write("first"))
	if w.content("case/first") != "new" {
		t.Error(w.content("case/first"))
	}
	for _, name := range []string{"first", "of-evidence", "deep", "../outside", "deep/../../outside"} {
		if err := write(name); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if w.content("evidence") != evidence {
		t.Error(w.content("evidence"))
	}
	if _, err := os.Lstat(w.path("outside")); err == nil {
		t.Error("a file was made outside of the directory")
	}
	g.force = true
	w.do(os.WriteFile(w.path("case/old"), []byte("old"), 0o600))
	w.do(write("old"))
	if w.content("case/old") != "new" || write("of-evidence") == nil || w.content("evidence") != evidence {
		t.Error(w.content("case/old"), w.content("evidence"))
	}
	if d, err := g.OpenDir(w.path("case/deep"), info); err == nil {
		d.Close()
		t.Error("another directory was taken")
	}
}
