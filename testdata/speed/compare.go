package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"wshake/testdata/speed/traffic"
)

// figure is what a run cost.
type figure struct {
	wall time.Duration
	peak int64 // resident memory, octets; 0 where the system does not tell
}

// compare measures every tool on every kind, one after the other, and prints a table. Runs of the tools alternate, so
// that what else the machine does falls on all of them.
func compare(args []string) error {
	fs := flag.NewFlagSet("compare", flag.ExitOnError)
	dir := fs.String("dir", filepath.Join(os.TempDir(), "wshake-speed"), "directory for captures and output; captures that are there are used")
	runs := fs.Int("runs", 5, "how often each tool is run; the median counts")
	fs.Parse(args)
	kinds := traffic.Kinds
	if fs.NArg() > 0 {
		kinds = nil
		for _, name := range fs.Args() {
			k, err := traffic.Named(name)
			if err != nil {
				return err
			}
			kinds = append(kinds, k)
		}
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	list, err := tools(*dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d processors; %s; median of %d runs (%s: 1), page cache warm.\n\n", runtime.GOARCH, runtime.NumCPU(), versions(list), *runs, slowest)
	header := []string{"capture"}
	for _, t := range list {
		header = append(header, t.name)
	}
	row(header)
	row(slices.Repeat([]string{"---"}, len(header)))
	for _, k := range kinds {
		path := filepath.Join(*dir, k.Name+".pcap")
		info, err := os.Stat(path)
		if err != nil {
			if err = write(&k, path); err != nil {
				return err
			}
			if info, err = os.Stat(path); err != nil {
				return err
			}
		}
		figures, err := measure(list, *dir, path, *runs)
		if err != nil {
			return err
		}
		cells := []string{fmt.Sprintf("%s, %d MB", k.Name, info.Size()/1e6)}
		for i, f := range figures {
			cell := fmt.Sprintf("%.2f s", f.wall.Seconds())
			if f.peak > 0 {
				cell += fmt.Sprintf(", %d MB", f.peak>>20)
			}
			if i > 0 {
				cell += fmt.Sprintf(" (%.1f×)", f.wall.Seconds()/figures[0].wall.Seconds())
			}
			cells = append(cells, cell)
		}
		row(cells)
	}
	fmt.Println("\nIn brackets: how many times as long as the first column.")
	return nil
}

// measure gives the median of each tool's runs.
func measure(list []tool, dir, capture string, runs int) ([]figure, error) {
	taken := make([][]figure, len(list))
	for n := range runs {
		for i := range list {
			if list[i].name == slowest && n > 0 {
				continue
			}
			f, err := list[i].run(dir, capture)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", list[i].name, capture, err)
			}
			taken[i] = append(taken[i], f)
		}
	}
	medians := make([]figure, len(list))
	for i, f := range taken {
		slices.SortFunc(f, func(a, b figure) int { return int(a.wall - b.wall) })
		medians[i] = f[len(f)/2]
	}
	return medians, nil
}

func (t *tool) run(dir, capture string) (figure, error) {
	cmd, err := t.command(dir, capture)
	if err != nil {
		return figure{}, err
	}
	begun := time.Now()
	err = cmd.Run()
	wall := time.Since(begun)
	if f, ok := cmd.Stdout.(*os.File); ok {
		f.Close()
	}
	if err != nil {
		return figure{}, err
	}
	return figure{wall, peak(cmd.ProcessState)}, nil
}

func row(cells []string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }
