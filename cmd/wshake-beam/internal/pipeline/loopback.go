package pipeline

import (
	"errors"
	"os"
)

// Loopback prepares a run whose workers are in this process, and done ends it. Beam leaves an empty file behind at each
// such run (beamloopbackworker-*, the program of workers that are never started), so the process gets a directory for
// temporary files of its own.
func Loopback() (done func(), err error) {
	dir, err := os.MkdirTemp("", "wshake-beam-")
	if err != nil {
		return nil, err
	}
	const unix, windows = "TMPDIR", "TMP" // see os.TempDir
	before := [2]string{os.Getenv(unix), os.Getenv(windows)}
	done = func() {
		os.Setenv(unix, before[0])
		os.Setenv(windows, before[1])
		os.RemoveAll(dir)
	}
	return done, errors.Join(os.Setenv(unix, dir), os.Setenv(windows, dir))
}
