package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"wshake/testdata/speed/traffic"
)

// figure is what a run cost.
type figure struct {
	Seconds float64 `json:"seconds"` // wall time
	Peak    int64   `json:"peak"`    // resident memory, octets; 0 where the system does not tell
}

// comparison is what compare found, as -json writes it.
type comparison struct {
	Machine  string     `json:"machine"`
	Versions string     `json:"versions"`
	Runs     int        `json:"runs"`
	Captures []measured `json:"captures"`
	Start    float64    `json:"start"`              // seconds from start to end on a capture of one handshake
	OpenSSL  float64    `json:"openssl,omitempty"`  // octets a second that openssl decrypts; 0 where it is not there
	Inflater string     `json:"inflater,omitempty"` // the fastest that is installed
	Inflated float64    `json:"inflated,omitempty"` // messages a second that it inflates
}

// measured is one capture, with the median of each tool's runs.
type measured struct {
	Name     string            `json:"name"`
	Octets   int64             `json:"octets"`
	Messages int               `json:"messages"`
	Tools    map[string]figure `json:"tools"`
}

// compare measures every tool on every kind, one after the other, and prints a table. Runs of the tools alternate, so
// that what else the machine does falls on all of them.
func compare(args []string) error {
	fs := flag.NewFlagSet("compare", flag.ExitOnError)
	dir := fs.String("dir", filepath.Join(os.TempDir(), "wshake-speed"), "directory for captures and output; captures that are there are used")
	runs := fs.Int("runs", 5, "how often each tool is run; the median counts")
	file := fs.String("json", "", "also write the figures to this file")
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
	c := comparison{
		Machine: fmt.Sprintf("%s, %d processors", runtime.GOARCH, runtime.NumCPU()), Versions: versions(list), Runs: *runs,
		OpenSSL: opensslRate(),
	}
	fmt.Printf("%s; %s; median of %d runs (%s: 1), page cache warm.\n\n", c.Machine, c.Versions, c.Runs, slowest)
	if c.Start, err = start(list[0], *dir, *runs); err != nil {
		return err
	}
	if c.Inflater, c.Inflated, err = inflateRate(*dir, *runs); err != nil {
		return err
	}
	c.header(list)
	for _, k := range kinds {
		m, err := measure(k, list, *dir, *runs)
		if err != nil {
			return err
		}
		c.Captures = append(c.Captures, m)
		c.row(&m, list)
	}
	c.footer()
	if *file == "" {
		return nil
	}
	out, err := json.MarshalIndent(&c, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(*file, append(out, '\n'), 0o666)
}

// measure makes the capture, unless it is there, and gives the median of each tool's runs on it.
func measure(k traffic.Kind, list []tool, dir string, runs int) (measured, error) {
	path := filepath.Join(dir, k.Name+".pcap")
	if _, err := os.Stat(path); err != nil {
		if err := write(&k, path); err != nil {
			return measured{}, err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return measured{}, err
	}
	m := measured{Name: k.Name, Octets: info.Size(), Tools: make(map[string]figure)}
	taken := make([][]figure, len(list))
	for n := range runs {
		for i := range list {
			if list[i].name == slowest && n > 0 {
				continue
			}
			f, err := list[i].run(dir, path)
			if err != nil {
				return measured{}, fmt.Errorf("%s on %s: %w", list[i].name, path, err)
			}
			taken[i] = append(taken[i], f)
		}
	}
	for i, f := range taken {
		m.Tools[list[i].name] = median(f)
	}
	m.Messages, err = messagesIn(filepath.Join(dir, "json"))
	return m, err
}

func median(f []figure) figure {
	slices.SortFunc(f, func(a, b figure) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return 0
	})
	return f[len(f)/2]
}

// start is how long wshake takes for a capture of one handshake: from its start to its first row.
func start(wshake tool, dir string, runs int) (float64, error) {
	k, err := traffic.Named("handshakes")
	if err != nil {
		return 0, err
	}
	k.Packets, k.Open = 1, 1
	path := filepath.Join(dir, "start.pcap")
	if err := write(&k, path); err != nil {
		return 0, err
	}
	var taken []figure
	for range 4 * runs {
		f, err := wshake.run(dir, path)
		if err != nil {
			return 0, err
		}
		taken = append(taken, f)
	}
	return median(taken).Seconds, nil
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
	return figure{wall.Seconds(), peak(cmd.ProcessState)}, nil
}

// opensslRate is how many octets a second one core decrypts with AES-128-GCM in records that fill a TCP segment, 0
// where openssl is not there.
func opensslRate() float64 {
	out, err := exec.Command("openssl", "speed", "-mr", "-elapsed", "-seconds", "2", "-bytes", "1448", "-decrypt", "-aead", "-evp", "aes-128-gcm").Output()
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(out)) {
		var rate float64
		if fields := strings.Split(strings.TrimSpace(line), ":"); fields[0] == "+F" {
			if _, err := fmt.Sscan(fields[len(fields)-1], &rate); err == nil {
				return rate
			}
		}
	}
	return 0
}
