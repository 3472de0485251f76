package analyze

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"wshake/testdata/need"
)

// A module of somebody else runs the examples against this one.
func TestOutsideModule(t *testing.T) {
	need.Long(t)
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	if err := os.Mkdir(outside, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "testdata"), filepath.Join(dir, "testdata")); err != nil {
		t.Fatal(err)
	}
	read := func(path string) []byte {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	_, requirements, _ := bytes.Cut(read(filepath.Join(root, "go.mod")), []byte("module wshake\n"))
	for name, text := range map[string][]byte{
		"go.mod":          []byte("module outside.example\n" + string(requirements) + "\nrequire wshake v0.0.0\n\nreplace wshake => " + root + "\n"),
		"go.sum":          read(filepath.Join(root, "go.sum")),
		"example_test.go": read("example_test.go"),
	} {
		if err := os.WriteFile(filepath.Join(outside, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-mod=mod", "-run", "Example", "-v", ".")
	cmd.Dir = outside
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Count(out, []byte("--- PASS: Example")) != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}
