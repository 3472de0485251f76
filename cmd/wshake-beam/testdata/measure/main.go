//go:build unix

// Measure generates a capture, in files as a rotating tcpdump leaves them, and has wshake and wshake-beam read it:
//
//	go run ./testdata/measure [-kind KIND] [-packets N] [-open N] [-files N] [-workers N] [-runs N] [-dir DIR]
//		[-wshake FILE] [-beam FILE]
//
// It prints what is sent between the steps, processor time and memory of both. Of the runs the fastest counts. It runs
// in the module of wshake-beam.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wshake/testdata/speed/traffic"
)

var (
	kind    = flag.String("kind", "mixed", "kind of traffic, see testdata/speed")
	packets = flag.Int("packets", 100_000, "packets, about")
	open    = flag.Int("open", 0, "connections open at once, 0: as the kind has")
	files   = flag.Int("files", 4, "how many files the capture has")
	workers = flag.Int("workers", 1, "--workers of wshake-beam: with 1 nothing travels")
	runs    = flag.Int("runs", 3, "runs of each program, in turns")
	dir     = flag.String("dir", "", "directory to work in, a temporary one by default")
	wshake  = flag.String("wshake", "", "the program, built when it is not named")
	beam    = flag.String("beam", "", "wshake-beam, likewise")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// used is what a run of a program took.
type used struct {
	processor time.Duration
	memory    int64 // octets, the most at a time
	said      string
}

func run() error {
	if *dir == "" {
		made, err := os.MkdirTemp("", "wshake-measure-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		*dir = made
	}
	if *wshake == "" {
		*wshake = filepath.Join(*dir, "wshake")
		if err := call("go", "build", "-C", filepath.Join("..", ".."), "-o", *wshake, "./cmd/wshake"); err != nil {
			return err
		}
	}
	if *beam == "" {
		*beam = filepath.Join(*dir, "wshake-beam")
		if err := call("go", "build", "-o", *beam, "."); err != nil {
			return err
		}
	}
	paths, octets, err := generate()
	if err != nil {
		return err
	}
	var plain, parts used
	for range *runs {
		p, err := measured(*wshake, append([]string{"--config", "none", "-j", "1", "-o", "json"}, paths...))
		if err != nil {
			return err
		}
		b, err := measured(*beam, append([]string{"--stats", "--workers", strconv.Itoa(*workers)}, paths...))
		if err != nil {
			return err
		}
		plain, parts = faster(plain, p), faster(parts, b)
	}
	mega := float64(octets) / 1e6
	fmt.Printf("%s: %d files, %.1f MB, %d processors\n", *kind, len(paths), mega, runtime.NumCPU())
	fmt.Printf("wshake       %7.2f s of processor time, %6.1f MB/s of a core, %5.0f MB of memory\n", plain.processor.Seconds(),
		mega/plain.processor.Seconds(), float64(plain.memory)/1e6)
	fmt.Printf("wshake-beam  %7.2f s of processor time, %6.1f MB/s of a core, %5.0f MB of memory, with the runner\n", parts.processor.Seconds(),
		mega/parts.processor.Seconds(), float64(parts.memory)/1e6)
	fmt.Printf("throughput of a core beside wshake: %.0f %%\n%s", 100*plain.processor.Seconds()/parts.processor.Seconds(), parts.said)
	return nil
}

func call(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func faster(a, b used) used {
	if a.processor == 0 || b.processor < a.processor {
		return b
	}
	return a
}

// measured runs a program.
func measured(path string, args []string) (u used, err error) {
	cmd := exec.Command(path, args...)
	var said strings.Builder
	cmd.Stderr = &said
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 { // findings
		err = nil
	}
	if err != nil {
		return u, fmt.Errorf("%s: %w: %s", path, err, said.String())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return used{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), int64(usage.Maxrss) * 1024, said.String()}, nil
}

// generate writes the capture in files of equal numbers of packets.
func generate() (paths []string, octets int64, err error) {
	k, err := traffic.Named(*kind)
	if err != nil {
		return nil, 0, err
	}
	k.Packets = *packets
	if *open > 0 {
		k.Open = *open
	}
	read, write := io.Pipe()
	go func() { write.CloseWithError(k.Write(write, io.Discard)) }()
	in := bufio.NewReaderSize(read, 1<<20)
	header := make([]byte, 24)
	if _, err := io.ReadFull(in, header); err != nil {
		return nil, 0, err
	}
	var f *os.File
	var out *bufio.Writer
	finish := func() error {
		if f == nil {
			return nil
		}
		return errors.Join(out.Flush(), f.Close())
	}
	each := max(*packets / *files, 1)
	for n := 0; ; n++ {
		record, err := in.Peek(16)
		if err == io.EOF {
			return paths, octets, finish()
		}
		if err != nil {
			return nil, 0, err
		}
		if n%each == 0 && len(paths) < *files {
			if err := finish(); err != nil {
				return nil, 0, err
			}
			paths = append(paths, filepath.Join(*dir, fmt.Sprintf("capture-%05d.pcap", len(paths))))
			if f, err = os.Create(paths[len(paths)-1]); err != nil {
				return nil, 0, err
			}
			out = bufio.NewWriterSize(f, 1<<20)
			out.Write(header)
			octets += int64(len(header))
		}
		size := 16 + int64(binary.LittleEndian.Uint32(record[8:]))
		if _, err := io.CopyN(out, in, size); err != nil {
			return nil, 0, err
		}
		octets += size
	}
}
