// Command release builds what is handed out: go run ./packaging/release VERSION DIRECTORY
//
// For each system and processor: a static binary in an archive, and an SBOM. With nfpm installed also deb and rpm. The
// same commit makes the same octets: no time but that of the commit, no path, no user.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// target is what a binary runs on.
type target struct{ os, arch string }

var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

// release is what all parts are made from.
type release struct {
	version, commit string
	at              time.Time // of the commit
	dir             string
	documents       []document
}

var versions = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

func run(args []string) error {
	if len(args) < 2 || !versions.MatchString(args[0]) {
		return fmt.Errorf("usage: go run ./packaging/release v1.2.3 DIRECTORY [OS/ARCH...]")
	}
	r := release{version: args[0], dir: args[1]}
	chosen := targets
	if len(args) > 2 {
		chosen = nil
		for _, word := range args[2:] {
			system, arch, _ := strings.Cut(word, "/")
			chosen = append(chosen, target{system, arch})
		}
	}
	said, err := exec.Command("git", "log", "-1", "--format=%H %ct").Output()
	if err != nil {
		return fmt.Errorf("git log: %w", err)
	}
	commit, seconds, _ := strings.Cut(strings.TrimSpace(string(said)), " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	r.commit, r.at = commit, time.Unix(unix, 0).UTC()
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	if r.documents, err = documents(); err != nil {
		return err
	}
	for _, t := range chosen {
		if err := r.build(t); err != nil {
			return fmt.Errorf("%s/%s: %w", t.os, t.arch, err)
		}
	}
	return r.checksums()
}

// build makes the files of one target.
func (r *release) build(t target) error {
	name := "wshake"
	if t.os == "windows" {
		name += ".exe"
	}
	work, err := os.MkdirTemp("", "wshake-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	binary := filepath.Join(work, name)
	// -trimpath and an empty build id: no trace of the machine.
	flags := "-s -w -buildid= -X main.released=" + r.version + " -X main.commit=" + r.commit
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", binary, "./cmd/wshake")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	base := filepath.Join(r.dir, fmt.Sprintf("wshake-%s-%s-%s", r.version, t.os, t.arch))
	if err := r.sbom(binary, base+".cdx.json"); err != nil {
		return err
	}
	if err := r.archive(t, binary, base); err != nil {
		return err
	}
	if _, err := exec.LookPath("nfpm"); err != nil || t.os != "linux" {
		return nil
	}
	return r.packages(t, binary, work)
}
