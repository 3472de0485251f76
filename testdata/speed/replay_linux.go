package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"wshake/testdata/speed/traffic"
)

// listenerTool is a tool that captures. What it says at its end, the last line of its output included, has its counts.
type listenerTool struct {
	name          string
	args          []string // DIR stands for where output may go
	out           string   // file in DIR that takes standard output; "" for none
	seen, dropped *regexp.Regexp
	spare         uint64 // how many packets at the end it need not mention
}

var listeners = []listenerTool{
	{"wshake", []string{"DIR/wshake", "-i", "near0"}, "table",
		regexp.MustCompile(`([\d,]+) packets?[,;]`), regexp.MustCompile(`dropped by the kernel ([\d,]+)`), 0},
	// tshark counts only what it shows: the number of the last frame says how many packets there were before it.
	{"tshark", []string{"tshark", "-n", "-i", "near0", "-Y", "websocket", "-T", "fields", "-e", "frame.number", "-e", "websocket.opcode"}, "fields",
		regexp.MustCompile(`(?m)^(\d+)\t[\d,]+$`), regexp.MustCompile(`(\d+) packets? dropped`), 100},
	{"tcpdump", []string{"tcpdump", "-n", "-i", "near0", "-Z", "root", "-w", "DIR/replayed.pcap"}, "",
		regexp.MustCompile(`(\d+) packets? captured`), regexp.MustCompile(`(\d+) packets? dropped by kernel`), 0},
}

// replay finds the highest rate at which each tool loses nothing.
func replay(args []string) error {
	fs := flag.NewFlagSet("replay", flag.ExitOnError)
	dir := fs.String("dir", filepath.Join(os.TempDir(), "wshake-speed"), "directory for the capture and output")
	seconds := fs.Int("seconds", 5, "how long each rate is kept up")
	from := fs.Int("from", 10_000, "the first rate, packets per second")
	most := fs.Int("most", 2_000_000, "the highest rate that is tried")
	packets := fs.Int("packets", 200_000, "about how many packets of chat are sent over and over; tcpreplay holds them in memory")
	fs.Parse(args)
	if fs.NArg() > 0 || *seconds < 1 || *from < 1 || *packets < 1 {
		return errUsage
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	if err := buildWshake(*dir); err != nil {
		return err
	}
	kind, err := traffic.Named("chat")
	if err != nil {
		return err
	}
	kind.Packets = *packets
	r := &replayer{dir: *dir, capture: filepath.Join(*dir, "replay.pcap"), seconds: *seconds}
	if err := write(&kind, r.capture); err != nil {
		return err
	}
	fmt.Printf("%s, %d processors; chat over a pair of veth interfaces, each rate for %d s, one run.\n\n", runtime.GOARCH, runtime.NumCPU(), *seconds)
	line([]string{"tool", "packets/s without loss", "wshake takes", "the lowest rate with loss"})
	line([]string{"---", "---", "---", "---"})
	first := found{}
	for i := range listeners {
		t := &listeners[i]
		if _, err := exec.LookPath(strings.ReplaceAll(t.args[0], "DIR", *dir)); err != nil {
			fmt.Fprintln(os.Stderr, "speed:", err)
			continue
		}
		f, err := r.highest(t, *from, *most)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if i == 0 {
			first = f
		}
		line([]string{t.name, f.bound() + strconv.Itoa(f.rate), first.times(f), f.loss})
	}
	fmt.Println("\nWith ≥ no loss was found: more was not tried, or could not be sent.")
	return nil
}

// found is the highest rate without loss, and the lowest that was tried with loss, "" for none.
type found struct {
	rate int
	loss string
}

func (f found) bound() string {
	if f.loss == "" {
		return "≥ "
	}
	return ""
}

// times is how many times the rate of other f is.
func (f found) times(other found) string {
	bound := ""
	switch {
	case f == other:
	case f.loss == "" && other.loss == "":
		return "not known"
	case f.loss == "":
		bound = "≥ "
	case other.loss == "":
		bound = "≤ "
	}
	return fmt.Sprintf("%s%.1f×", bound, float64(f.rate)/float64(max(other.rate, 1)))
}

// replayer sends a capture and lets tools listen.
type replayer struct {
	dir, capture string
	seconds      int
}

// The search for a rate: it rises by half until there is loss, and then the middle is tried so many times.
const middles = 3

// highest finds the highest rate without loss.
func (r *replayer) highest(t *listenerTool, from, most int) (f found, err error) {
	lost := 0
	for rate, left := from, middles; left > 0; {
		o, err := r.try(t, rate)
		if err != nil {
			return f, err
		}
		fmt.Fprintf(os.Stderr, "speed: %s at %d packets/s: %s\n", t.name, rate, o)
		reached := rate
		if o.slow() {
			reached = int(o.rate)
		}
		what := o.loss()
		switch {
		case what != "":
			lost, f.loss = reached, fmt.Sprintf("%d: %s", reached, what)
		case o.slow() && o.rate < 1.05*float64(f.rate): // the sender is at its end
			f.rate = max(f.rate, reached)
			return f, nil
		default:
			f.rate = reached
		}
		switch {
		case lost == 0 && rate >= most:
			return f, nil
		case lost == 0:
			rate = min(rate*3/2, most)
		case f.rate == 0 && rate > 1000: // lost at once
			rate /= 2
		default:
			rate = (f.rate + lost) / 2
			left--
		}
	}
	return f, nil
}

// outcome is what became of the packets of one rate.
type outcome struct {
	wanted        int // packets per second
	rate          float64
	sent, arrived uint64
	seen, dropped uint64        // as the tool says
	spare         uint64        // packets at the end that it need not mention
	during        time.Duration // for how long was sent
	behind        time.Duration // how long it went on working then
}

// behindMost is how long a tool may go on working when packets were sent for so long. It takes longer where what it
// did not lose waits elsewhere, and grows.
func behindMost(sent time.Duration) time.Duration { return time.Second + sent/10 }

// slow reports whether the sender did not keep up.
func (o *outcome) slow() bool { return o.rate < 0.95*float64(o.wanted) }

// loss says what was lost, "" for nothing.
func (o *outcome) loss() string {
	switch {
	case o.seen+o.spare < o.sent:
		return fmt.Sprintf("saw %.1f %% of %d packets", 100*float64(o.seen)/float64(o.sent), o.sent)
	case o.dropped > 0:
		return fmt.Sprintf("dropped %d of %d packets", o.dropped, o.sent)
	case o.behind > behindMost(o.during):
		return fmt.Sprintf("fell behind: worked %.1f s longer", o.behind.Seconds())
	}
	return ""
}

func (o *outcome) String() string {
	return fmt.Sprintf("sent %d at %.0f/s, arrived %d, seen %d, dropped %d, worked %.1f s longer", o.sent, o.rate, o.arrived, o.seen, o.dropped, o.behind.Seconds())
}

var (
	sentCount = regexp.MustCompile(`Actual: (\d+) packets`)
	sentRate  = regexp.MustCompile(`, ([\d.]+) pps`)
)

// bursts is how many bursts of packets are sent in a second: with one packet each tcpreplay is at its end early.
const bursts = 20_000

// try sends at one rate while a tool listens.
func (r *replayer) try(t *listenerTool, rate int) (*outcome, error) {
	w, err := newWire()
	if err != nil {
		return nil, err
	}
	defer w.close()
	args := make([]string, len(t.args))
	for i, a := range t.args {
		args[i] = strings.ReplaceAll(a, "DIR", r.dir)
	}
	cmd := exec.Command(args[0], args[1:]...)
	said := new(bytes.Buffer)
	cmd.Stderr = said
	out := ""
	if t.out != "" {
		out = filepath.Join(r.dir, t.out)
		f, err := os.Create(out)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	if err := w.begin(cmd); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	defer cmd.Process.Kill()
	var told []byte
	err = w.far.Do(func() (err error) {
		told, err = exec.Command("tcpreplay", "-i", "far0", "--preload-pcap", "--loop=0", "--unique-ip",
			fmt.Sprintf("--pps=%d", rate), fmt.Sprintf("--pps-multi=%d", max(rate/bursts, 1)), fmt.Sprintf("--duration=%d", r.seconds), r.capture).CombinedOutput()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tcpreplay: %w\n%s", err, told)
	}
	o := &outcome{wanted: rate, during: time.Duration(r.seconds) * time.Second}
	o.behind = rest(cmd.Process.Pid, 10*behindMost(o.during))
	o.sent = figureIn(sentCount, told)
	if m := sentRate.FindSubmatch(told); m != nil {
		o.rate, _ = strconv.ParseFloat(string(m[1]), 64)
	}
	if o.arrived, _, err = w.packets(); err != nil {
		return nil, err
	}
	if o.sent == 0 || o.arrived < o.sent {
		return nil, fmt.Errorf("of %d packets %d arrived at the interface\n%s", o.sent, o.arrived, told)
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait() // a tool may end otherwise than with 0 when it is interrupted
	account := said.Bytes()
	if out != "" {
		lines, err := os.ReadFile(out)
		if err != nil {
			return nil, err
		}
		account = append(account, lines[bytes.LastIndexByte(bytes.TrimRight(lines, "\n"), '\n')+1:]...)
	}
	o.seen, o.dropped, o.spare = figureIn(t.seen, account), figureIn(t.dropped, account), t.spare
	if o.seen == 0 {
		return nil, fmt.Errorf("it does not say what it saw: %s", account)
	}
	return o, nil
}

// figureIn is the number that a pattern finds, 0 for none.
func figureIn(pattern *regexp.Regexp, text []byte) uint64 {
	m := pattern.FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseUint(strings.ReplaceAll(string(m[1]), ",", ""), 10, 64)
	return n
}
