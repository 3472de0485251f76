//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// Linux counts into the peak of a process what the one that started it held, so behind a test that took much memory
// every program seems to take as much. Therefore the test binary, started anew, stands between.

// measures names the file for the peak, in the environment of the process that stands between.
const measures = "WSHAKE_TEST_MEASURES"

// measured is exec.Command for a program whose peak of resident memory is asked for behind Wait, in KiB.
func measured(t *testing.T, path string, args ...string) (command *exec.Cmd, peak func() int64) {
	t.Helper()
	between, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "peak")
	command = exec.Command(between, append([]string{path}, args...)...)
	command.Env = append(os.Environ(), measures+"="+file)
	return command, func() int64 {
		t.Helper()
		octets, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kib, err := strconv.ParseInt(string(octets), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return kib
	}
}

// measure runs the program that the arguments name and writes its peak into file. It returns its exit status.
func measure(file string) int {
	os.Unsetenv(measures)
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Run()
	if command.ProcessState == nil {
		return 255
	}
	peak := command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if err := os.WriteFile(file, fmt.Append(nil, peak), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 255
	}
	return command.ProcessState.ExitCode()
}
