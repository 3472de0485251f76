package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"wshake/testdata/netns"
)

// wire is two network namespaces and what joins them: an interface near0 in the one where tools listen, far0 in the
// other.
type wire struct{ near, far *netns.Namespace }

const (
	nearHost = "10.9.0.1"
	farHost  = "10.9.0.2"
)

func newWire() (*wire, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("only root may make network namespaces")
	}
	near, err := netns.New()
	if err != nil {
		return nil, err
	}
	far, err := netns.New()
	if err != nil {
		near.Close()
		return nil, err
	}
	w := &wire{near, far}
	err = netns.Join(
		netns.End{In: near, Name: "near0", Hardware: "02:00:00:00:00:01", Addresses: []string{nearHost + "/24"}},
		netns.End{In: far, Name: "far0", Hardware: "02:00:00:00:00:02", Addresses: []string{farHost + "/24"}})
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// close lets the namespaces end.
func (w *wire) close() {
	w.near.Close()
	w.far.Close()
}

// packets is how many near0 has received and sent.
func (w *wire) packets() (received, sent uint64, err error) {
	err = w.near.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(text), "\n") {
			name, rest, _ := strings.Cut(line, ":")
			if fields := strings.Fields(rest); strings.TrimSpace(name) == "near0" && len(fields) > 9 {
				_, err := fmt.Sscan(fields[1]+" "+fields[9], &received, &sent)
				return err
			}
		}
		return errors.New("no interface near0")
	})
	return received, sent, err
}

// begin starts a tool that captures on near0, and returns when it sees packets. Its environment is this program's.
func (w *wire) begin(cmd *exec.Cmd) error {
	if err := w.near.Start(cmd); err != nil {
		return err
	}
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		for _, pid := range family(cmd.Process.Pid) {
			if captures, err := netns.Captures(pid); err == nil && captures {
				return nil
			}
		}
	}
	cmd.Process.Kill()
	return fmt.Errorf("%s does not capture", cmd.Path)
}

// family is a process and its children: tshark lets another program capture.
func family(pid int) []int {
	list := []int{pid}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(word); err == nil {
			list = append(list, child)
		}
	}
	return list
}

// worked is the processor time that a process and its children took until now, in ticks of 10 ms.
func worked(pid int) (ticks uint64) {
	for _, p := range family(pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			continue
		}
		// The name, in brackets, may have blanks; behind it the 12th and 13th field are user and system time.
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 12 {
			var user, system uint64
			fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
			ticks += user + system
		}
	}
	return ticks
}

// rest waits until a tool has had nothing to do for a while, for limit at most, and says when it last had, from now
// on.
func rest(pid int, limit time.Duration) (last time.Duration) {
	const look, while = 100 * time.Millisecond, 1500 * time.Millisecond // some tools look at what was captured once a second
	begun := time.Now()
	for before := worked(pid); ; {
		time.Sleep(look)
		now, passed := worked(pid), time.Since(begun)
		if now-before > 1 {
			last = passed
		}
		if passed-last > while || passed > limit {
			return last
		}
		before = now
	}
}
