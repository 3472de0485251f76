package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wshake/testdata/speed/traffic"
)

// Instructions, unlike time, hardly differ between runs and machines, so that a change that costs a tenth shows the day
// it lands. valgrind counts them, with one worker, no collections, no preemption
// and without RDTSCP, which it lacks.

// committed are the counts that count compares with, and -update writes.
const committed = "testdata/speed/instructions.json"

// tolerated is how many percent more than the committed count are let pass.
const tolerated = 10

// counted are the kinds that are counted. Two sizes of each are read, so that what a run costs once falls out.
var counted = []string{"chat", "handshakes", "ws", "deflate"}

// smaller and larger are the sizes, packets, about. Of handshakes both have more than a thousand attempts, which the
// table does not list one by one.
const smaller, larger = 18_000, 30_000

// count counts instructions per packet of each kind and those of the start, and fails when one is well above what is
// committed.
func count(args []string) error {
	fs := flag.NewFlagSet("count", flag.ExitOnError)
	update := fs.Bool("update", false, "write the counts to "+committed)
	fs.Parse(args)
	if fs.NArg() != 0 {
		return errUsage
	}
	if _, err := exec.LookPath("valgrind"); err != nil {
		return errors.New("count needs valgrind")
	}
	dir, err := os.MkdirTemp("", "wshake-count")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := buildWshake(dir); err != nil {
		return err
	}
	now := make(map[string]int)
	if now["start"], _, err = instructions(dir, "--version"); err != nil {
		return err
	}
	for _, kind := range counted {
		var sum, packets [2]int
		for i, size := range []int{smaller, larger} {
			k, err := traffic.Named(kind)
			if err != nil {
				return err
			}
			k.Packets, k.Open = size, min(k.Open, 64)
			path := filepath.Join(dir, kind+".pcap")
			if err := write(&k, path); err != nil {
				return err
			}
			if sum[i], packets[i], err = instructions(dir, "-j", "1", path); err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
		}
		now[kind] = (sum[1] - sum[0]) / (packets[1] - packets[0])
	}
	if *update {
		out, err := json.MarshalIndent(now, "", "\t")
		if err != nil {
			return err
		}
		return os.WriteFile(committed, append(out, '\n'), 0o666)
	}
	return hold(now)
}

// hold compares counts with those that are committed.
func hold(now map[string]int) error {
	b, err := os.ReadFile(committed)
	if err != nil {
		return err
	}
	var before map[string]int
	if err := json.Unmarshal(b, &before); err != nil {
		return fmt.Errorf("%s: %w", committed, err)
	}
	var slower []string
	for _, name := range append([]string{"start"}, counted...) {
		was, is := before[name], now[name]
		if was == 0 {
			return fmt.Errorf("%s has no count of %s", committed, name)
		}
		percent := 100 * float64(is-was) / float64(was)
		fmt.Printf("%-12s %10d instructions, %+.1f %%\n", name, is, percent)
		if percent > tolerated {
			slower = append(slower, name)
		}
	}
	if slower != nil {
		return fmt.Errorf("more than %d %% above %s: %s; find out why, or run count -update and say why in the commit",
			tolerated, committed, strings.Join(slower, ", "))
	}
	return nil
}

var (
	collected   = regexp.MustCompile(`Collected : (\d+)`)
	readPackets = regexp.MustCompile(`([\d,]+) packets`)
)

// instructions runs DIR/wshake and tells how many instructions it took and how many packets it read.
func instructions(dir string, args ...string) (sum, packets int, err error) {
	// valgrind does not know every instruction that Go's runtime takes now and then: such a run is repeated.
	for range 8 {
		if sum, packets, err = instructionsOnce(dir, args); err == nil {
			return sum, packets, nil
		}
	}
	return 0, 0, err
}

func instructionsOnce(dir string, args []string) (sum, packets int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "valgrind", slices.Concat([]string{"--tool=callgrind", "--vgdb=no",
		"--callgrind-out-file=" + os.DevNull, filepath.Join(dir, "wshake")}, args)...)
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1,cpu.rdtscp=off", "GOMAXPROCS=1", "GOGC=off")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return 0, 0, fmt.Errorf("valgrind: %w: %.2000s", err, said.String())
	}
	m := collected.FindStringSubmatch(said.String())
	if m == nil || strings.Contains(said.String(), "Assertion") {
		return 0, 0, fmt.Errorf("valgrind: %s", said.String())
	}
	sum, _ = strconv.Atoi(m[1])
	if args[0] == "--version" {
		return sum, 0, nil
	}
	all := readPackets.FindAllSubmatch(out, -1)
	if all == nil {
		return 0, 0, fmt.Errorf("no summary: %s", out)
	}
	packets, _ = strconv.Atoi(strings.ReplaceAll(string(all[len(all)-1][1]), ",", ""))
	return sum, packets, nil
}
