package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// soak lets connections come and go while wshake listens, and looks at it from outside.
func soak(args []string) error {
	fs := flag.NewFlagSet("soak", flag.ExitOnError)
	dir := fs.String("dir", filepath.Join(os.TempDir(), "wshake-speed"), "directory for wshake")
	minutes := fs.Float64("minutes", 20, "how long")
	rate := fs.Int("rate", 50_000, "packets per second, about; as many as can be if that is fewer")
	open := fs.Int("open", 2000, "connections that are open at once")
	fs.Parse(args)
	if fs.NArg() > 0 || *minutes <= 0 || *rate < 1 || *open < 1 {
		return errUsage
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	if err := buildWshake(*dir); err != nil {
		return err
	}
	w, err := newWire()
	if err != nil {
		return err
	}
	defer w.close()
	cmd := exec.Command(filepath.Join(*dir, "wshake"), "-i", "near0", "-o", "json")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.begin(cmd); err != nil {
		return err
	}
	defer cmd.Process.Kill()
	reported := make(chan account, 1)
	go func() { reported <- read(out) }()

	c, err := newCrowd(w, *open, *rate)
	if err != nil {
		return err
	}
	if err := observe(w, c, cmd.Process.Pid, time.Duration(*minutes*float64(time.Minute)), *rate); err != nil {
		return err
	}
	if err := c.end(); err != nil {
		return err
	}
	rest(cmd.Process.Pid, time.Minute)
	cmd.Process.Signal(os.Interrupt)
	a := <-reported
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("wshake: %w", err)
	}
	return a.judge(c)
}

// observe prints a row now and then, 40 in all, and keeps the crowd to a rate of packets.
func observe(w *wire, c *crowd, pid int, length time.Duration, rate int) error {
	line([]string{"minute", "packets/s", "open", "handshakes made", "resident", "threads", "descriptors"})
	line([]string{"---", "---", "---", "---", "---", "---", "---"})
	const look = time.Second
	every := max(length/40, look)
	begun := time.Now()
	shown, before, packetsShown := begun, begun, uint64(0)
	var packets uint64
	for time.Since(begun) < length {
		time.Sleep(look)
		received, sent, err := w.packets()
		if err != nil {
			return err
		}
		now := time.Now()
		c.keepTo(rate, float64(received+sent-packets)/now.Sub(before).Seconds())
		packets, before = received+sent, now
		if now.Sub(shown) < every {
			continue
		}
		resident, threads, descriptors, err := health(pid)
		if err != nil {
			return fmt.Errorf("wshake is gone: %w", err)
		}
		line([]string{fmt.Sprintf("%.2f", now.Sub(begun).Minutes()), fmt.Sprintf("%.0f", float64(packets-packetsShown)/now.Sub(shown).Seconds()),
			fmt.Sprint(c.open.Load()), fmt.Sprint(c.established.Load() + c.refused.Load()), resident, threads, fmt.Sprint(descriptors)})
		shown, packetsShown = now, packets
	}
	return nil
}

// health is what the kernel says of a process.
func health(pid int) (resident, threads string, descriptors int, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "", "", 0, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "VmRSS":
			resident = strings.TrimSpace(value)
		case "Threads":
			threads = strings.TrimSpace(value)
		}
	}
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return resident, threads, len(list), err
}

// account is what wshake reported: its lines counted, and its own totals.
type account struct {
	established, refused, others uint64
	summary                      struct {
		Packets    uint64
		Handshakes struct{ Established, Refused, Invalid, Incomplete uint64 }
		Findings   struct{ Error, Warning uint64 }
		Caveats    map[string]uint64
		Dropped    struct{ Kernel, Interface uint64 }
	}
	err error
}

// read counts events until there are no more.
func read(out io.Reader) (a account) {
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			if err != io.EOF {
				a.err = err
				io.Copy(io.Discard, out)
			}
			return a
		}
		switch {
		case bytes.HasPrefix(line, []byte(`{"type":"handshake"`)):
			switch {
			case bytes.Contains(line, []byte(`"verdict":"established"`)):
				a.established++
			case bytes.Contains(line, []byte(`"verdict":"refused"`)):
				a.refused++
			default:
				a.others++
			}
		case bytes.HasPrefix(line, []byte(`{"type":"summary"`)):
			a.err = json.Unmarshal(line, &a.summary)
		}
	}
}

// judge prints what was made and what was reported. It is an error if they differ, or if packets were lost.
func (a *account) judge(c *crowd) error {
	s := &a.summary
	fmt.Printf("\nHandshakes made: %d established, %d refused. Reported: %d and %d, and %d others.\n", c.established.Load(), c.refused.Load(), a.established, a.refused, a.others)
	fmt.Printf("Packets: %d; dropped by the kernel %d, by the interface %d. Findings: %d errors, %d warnings. Caveats: %v.\n",
		s.Packets, s.Dropped.Kernel, s.Dropped.Interface, s.Findings.Error, s.Findings.Warning, s.Caveats)
	if n := c.broken.Load(); n > 0 {
		fmt.Printf("Connections that broke: %d, the last one: %v.\n", n, c.reason.Load())
	}
	switch {
	case a.err != nil:
		return a.err
	case a.established != c.established.Load() || a.refused != c.refused.Load() || a.others > 0 || s.Handshakes.Established != a.established || s.Handshakes.Refused != a.refused:
		return errors.New("the handshakes that were reported are not those that were made")
	case s.Dropped.Kernel+s.Dropped.Interface > 0:
		return errors.New("packets were dropped")
	}
	return nil
}
