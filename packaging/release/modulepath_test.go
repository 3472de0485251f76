package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wshake/testdata/need"
)

// The module gets a path by a script; then an outsider builds with its packages, and go install makes the program. No
// network is asked.
func TestModulePath(t *testing.T) {
	need.Long(t)
	need.Program(t, "perl")
	const path = "example.org/tools/wshake"
	dir := clone(t)
	do(t, dir, nil, "bash", "packaging/set-module-path", path)
	if old, err := exec.Command("grep", "-rnE", `["( ]wshake/(analyze|capture|cmd|reassembly)`, "--include=*.go", dir).Output(); len(old) > 0 {
		t.Errorf("%v: the old path is left:\n%s", err, old)
	}
	if said := do(t, dir, nil, "gofmt", "-l", "."); said != "" {
		t.Errorf("gofmt would change: %s", said)
	}
	do(t, dir, nil, "go", "vet", "./analyze", "./cmd/wshake")
	do(t, dir, nil, "go", "test", "-run", "Import|EventIsALeaf|Borrowed", "./analyze")

	cache := strings.TrimSpace(do(t, dir, nil, "go", "env", "GOMODCACHE"))
	proxy := t.TempDir()
	publish(t, dir, proxy, path, "v1.2.3")
	env := []string{"GOPROXY=file://" + proxy + ",file://" + filepath.Join(cache, "cache", "download"), "GOSUMDB=off", "GOFLAGS=-mod=mod", "GOBIN=" + t.TempDir(), "GOMODCACHE=" + cacheCopy(t)}
	t.Run("an outsider's module", func(t *testing.T) {
		outside := t.TempDir()
		files := map[string]string{"go.mod": "module outsider\n\ngo 1.26\n\nrequire " + path + " v1.2.3\n", "main.go": outsider(path)}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		capture, err := filepath.Abs(filepath.Join(top, "testdata/captures/node-ws.pcapng"))
		if err != nil {
			t.Fatal(err)
		}
		if said := do(t, outside, env, "go", "run", ".", capture); !strings.Contains(said, `"verdict":"established"`) {
			t.Errorf("it said %.300q", said)
		}
	})
	t.Run("go install", func(t *testing.T) {
		do(t, t.TempDir(), env, "go", "install", path+"/cmd/wshake@v1.2.3")
		program := filepath.Join(strings.TrimPrefix(env[3], "GOBIN="), "wshake")
		if said := do(t, ".", nil, program, "--version"); !strings.HasPrefix(said, "wshake v1.2.3 ") {
			t.Errorf("--version says %q", said)
		}
	})
}

// cacheCopy is a module cache of the test's own, that can be removed.
func cacheCopy(t *testing.T) string {
	dir := t.TempDir()
	t.Cleanup(func() {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				os.Chmod(path, 0o700) // modules are read-only
			}
			return nil
		})
	})
	return dir
}

func outsider(path string) string {
	return `package main

import (
	"context"
	"fmt"
	"os"

	"` + path + `/analyze"
	"` + path + `/analyze/event"
	"` + path + `/analyze/report"
	"` + path + `/capture"
)

func main() {
	src, err := capture.Open(os.Args[1:], capture.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	out := report.NewJSON(os.Stdout, report.Options{Show: event.KindHandshake})
	if err := analyze.Run(context.Background(), src, analyze.Config{Want: event.AllKinds}, out); err != nil {
		fmt.Println(err)
	}
	out.Flush()
}
`
}

// publish lays a module out as a proxy serves it (go.dev/ref/mod#goproxy-protocol).
func publish(t *testing.T, dir, proxy, path, version string) {
	t.Helper()
	at := filepath.Join(proxy, path, "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": version + "\n", version + ".info": `{"Version":"` + version + `"}`, version + ".mod": string(mod)} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.Create(filepath.Join(at, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := zip.NewWriter(out)
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, file)
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && name != "." || name == ".git" {
				return filepath.SkipDir // another module
			}
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		to, err := w.Create(path + "@" + version + "/" + filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = to.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
