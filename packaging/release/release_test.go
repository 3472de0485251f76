package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wshake/testdata/need"
)

// top is the project's directory.
const top = "../.."

// clone copies the project as it lies here, changes included, without recordings.
func clone(t *testing.T) string {
	t.Helper()
	git := need.Program(t, "git")
	list := exec.Command(git, "ls-files", "-co", "--exclude-standard")
	list.Dir = top
	names, err := list.Output()
	if err != nil {
		need.Lacking(t, "this is no git repository")
	}
	dir := filepath.Join(t.TempDir(), "clone")
	for name := range strings.Lines(string(names)) {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "testdata/captures/") && !strings.HasPrefix(name, "testdata/captures/node-ws.") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(top, name))
		if os.IsNotExist(err) {
			continue // removed, not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(top, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// do runs a program in dir and returns what it printed.
func do(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The same commit makes the same octets, wherever it lies; what is handed out is whole.
func TestReleaseIsReproducible(t *testing.T) {
	need.Long(t)
	var sums [2]string
	for i := range sums {
		dir := clone(t)
		identity := []string{"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.org", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@example.org",
			"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_CONFIG_GLOBAL=" + os.DevNull}
		do(t, dir, identity, "git", "init", "-q")
		do(t, dir, identity, "git", "add", "-A")
		do(t, dir, identity, "git", "commit", "-q", "-m", "x")
		out := t.TempDir()
		do(t, dir, nil, "go", "run", "./packaging/release", "v1.2.3", out, runtime.GOOS+"/"+runtime.GOARCH)
		text, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		if sums[i] = string(text); i == 0 {
			inspect(t, out)
		}
	}
	if sums[0] != sums[1] {
		t.Errorf("two builds differ:\n%s\n%s", sums[0], sums[1])
	}
}

// inspect looks into what was built.
func inspect(t *testing.T, out string) {
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(content)) != sum {
			t.Errorf("%s: %v", name, err)
		}
	}
	base := "wshake-v1.2.3-" + runtime.GOOS + "-" + runtime.GOARCH
	for _, name := range []string{base + ".tar.gz", base + ".cdx.json"} {
		if !strings.Contains(string(sums), name) {
			t.Errorf("no %s in\n%s", name, sums)
		}
	}
	var bom struct {
		BomFormat  string
		Components []struct{ Name, Version, PURL string }
	}
	text, err := os.ReadFile(filepath.Join(out, base+".cdx.json"))
	if err != nil || json.Unmarshal(text, &bom) != nil || bom.BomFormat != "CycloneDX" || !strings.Contains(string(text), "pkg:golang/github.com/spf13/pflag@") {
		t.Errorf("SBOM: %v\n%.300s", err, text)
	}
	files := unpack(t, filepath.Join(out, base+".tar.gz"))
	for _, name := range []string{"wshake", "wshake.1", "LICENSE", "README.md", "completions/wshake.bash", "completions/_wshake", "completions/wshake.fish"} {
		if len(files[base+"/"+name]) == 0 {
			t.Errorf("no %s in the archive", name)
		}
	}
	program := filepath.Join(t.TempDir(), "wshake")
	if err := os.WriteFile(program, files[base+"/wshake"], 0o755); err != nil {
		t.Fatal(err)
	}
	if said := do(t, ".", nil, program, "--version"); !strings.HasPrefix(said, "wshake v1.2.3 (commit ") || strings.Contains(said, "unknown") {
		t.Errorf("--version says %q", said)
	}
	if _, err := exec.LookPath("nfpm"); err != nil {
		if need.All() {
			t.Error("nfpm is not installed")
		}
		return
	}
	packages, err := filepath.Glob(filepath.Join(out, "*.deb"))
	if err != nil || len(packages) != 1 {
		t.Fatalf("packages: %v, %v", packages, err)
	}
	if _, err := exec.LookPath("dpkg-deb"); err == nil {
		list := do(t, ".", nil, "dpkg-deb", "--contents", packages[0])
		for _, path := range []string{"./usr/bin/wshake", "man1/wshake.1", "wshake@.service", "completions/wshake",
			"doc/wshake/README.md"} {
			if !strings.Contains(list, path) {
				t.Errorf("no %s in the package:\n%s", path, list)
			}
		}
		if script := do(t, ".", nil, "dpkg-deb", "--info", packages[0], "postinst"); !strings.Contains(script, "setcap cap_net_raw,cap_net_admin") {
			t.Errorf("postinst: %s", script)
		}
	}
}

func unpack(t *testing.T, path string) map[string][]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for r := tar.NewReader(unpacked); ; {
		head, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[head.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// An archive is the same octets each time, of either kind.
func TestArchivesAreReproducible(t *testing.T) {
	r := release{at: time.Unix(1767323045, 0).UTC()}
	files := []document{{"wshake", []byte("a program"), 0o755}, {"LICENSE", []byte("text"), 0o644}}
	for name, pack := range map[string]func(io.Writer, string, []document) error{"tar": r.tar, "zip": r.zip} {
		var packed [2]bytes.Buffer
		for i := range packed {
			if err := pack(&packed[i], "wshake-v1.2.3", files); err != nil {
				t.Fatal(err)
			}
		}
		if packed[0].Len() < 100 || !bytes.Equal(packed[0].Bytes(), packed[1].Bytes()) {
			t.Errorf("%s: two archives differ", name)
		}
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	for _, args := range [][]string{nil, {"v1.2.3"}, {"1.2.3", "x"}, {"v1.2", "x"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if !slices.Contains(targets, target{"linux", "arm64"}) {
		t.Error("linux/arm64 is not built")
	}
}
