// Load sends traffic at a fixed rate through wshake, wshake-ship and a nats-server, stops the server for a while in
// between, and counts the events on both ends:
//
//	go run ./testdata/load [-rate N] [-seconds N] [-down N] [-kind KIND] [-dir DIR] [-wshake FILE] [-ship FILE]
//
// It runs in the module of wshake-beam. The packets come to wshake through a pipe, as from a running tcpdump; the files
// of --output-file are rotated. At the end wshake must have read every packet, and every line of its files must be in
// the stream once. That the rate was held is said, not demanded: a slow machine sends what it can.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"wshake/testdata/speed/traffic"
)

var (
	rate    = flag.Int("rate", 50_000, "packets per second")
	seconds = flag.Int("seconds", 600, "how long")
	down    = flag.Int("down", 60, "for how many seconds the server is stopped, after a third of the time")
	kind    = flag.String("kind", "mixed", "kind of traffic, see testdata/speed")
	dir     = flag.String("dir", "", "directory to work in, a temporary one by default")
	wshake  = flag.String("wshake", "", "the program, built when it is not named")
	shipper = flag.String("ship", "", "wshake-ship, likewise")
	server  = flag.String("nats-server", "nats-server", "the server")
)

func main() {
	flag.Parse()
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if *dir == "" {
		made, err := os.MkdirTemp("", "wshake-load-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		*dir = made
	}
	if err := build(wshake, "wshake/cmd/wshake"); err != nil {
		return err
	}
	if err := build(shipper, "./wshake-ship"); err != nil {
		return err
	}
	events := filepath.Join(*dir, "events")
	if err := os.MkdirAll(events, 0o755); err != nil {
		return err
	}
	n, err := newBroker()
	if err != nil {
		return err
	}
	if err := n.start(); err != nil {
		return err
	}
	defer n.stop()

	reader := exec.Command(*wshake, "-r", "-", "--config", "none", "-o", "json", "--show", "handshakes,connections,findings,caveats,summary",
		"--output-file", filepath.Join(events, "events.ndjson"), "--rotate-size", "16MiB")
	reader.Stderr = os.Stderr
	pipe, err := reader.StdinPipe()
	if err != nil {
		return err
	}
	if err := reader.Start(); err != nil {
		return err
	}
	defer reader.Process.Kill()
	ship := exec.Command(*shipper, "--position", filepath.Join(*dir, "position"), "--nats", n.url, filepath.Join(events, "events*.ndjson"))
	complaints, err := os.Create(filepath.Join(*dir, "complaints"))
	if err != nil {
		return err
	}
	defer complaints.Close()
	ship.Stderr = complaints
	if err := ship.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	over := make(chan struct{})
	go func() {
		cancel(fmt.Errorf("wshake-ship has ended: %w",
			errors.Join(errors.New("it follows until it is stopped"), ship.Wait())))
		close(over)
	}()
	defer func() {
		ship.Process.Kill()
		<-over
	}()
	said := func() string {
		b, _ := os.ReadFile(complaints.Name())
		return string(b)
	}

	stopped := make(chan error, 1)
	go func() { stopped <- n.pause(time.Duration(*seconds)*time.Second/3, time.Duration(*down)*time.Second) }()
	sent, err := send(pipe)
	if err := errors.Join(err, reader.Wait(), <-stopped); err != nil {
		return err
	}
	fmt.Printf("%d packets in %.1f s, %.0f a second, at most %.2f s late\n", sent.packets, sent.took.Seconds(),
		float64(sent.packets)/sent.took.Seconds(), sent.late.Seconds())
	written, err := linesOf(events)
	if err != nil {
		return err
	}
	fmt.Printf("wshake read %d packets and wrote %d events\n", written.packets, written.lines)
	if written.packets != uint64(sent.packets) {
		return errors.New("wshake has not read what was sent")
	}
	got, err := n.received(ctx, written.lines)
	if err != nil {
		return fmt.Errorf("%w\nwshake-ship said:\n%s", err, said())
	}
	fmt.Printf("the stream holds %d events; the server was stopped for %d s\n", got.lines, *down)
	if got != written {
		return fmt.Errorf("what the stream holds is not what was written\nwshake-ship said:\n%s", said())
	}
	fmt.Println("nothing is lost, nothing is there twice")
	return nil
}

// build builds a program that was not named.
func build(path *string, pkg string) error {
	if *path != "" {
		return nil
	}
	*path = filepath.Join(*dir, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", *path, pkg)
	if pkg != "./wshake-ship" { // with the dependencies of its own module
		cmd = exec.Command("go", "build", "-C", filepath.Join("..", ".."), "-o", *path, "./cmd/wshake")
	}
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// sending is what was sent.
type sending struct {
	packets int
	took    time.Duration
	late    time.Duration // the most that it was behind the clock
}

// send writes packets at the rate.
func send(to io.WriteCloser) (s sending, err error) {
	k, err := traffic.Named(*kind)
	if err != nil {
		return s, err
	}
	k.Packets = *rate * *seconds
	read, write := io.Pipe()
	go func() { write.CloseWithError(k.Write(write, io.Discard)) }()
	in := bufio.NewReaderSize(read, 1<<20)
	out := bufio.NewWriterSize(to, 64<<10)
	defer to.Close()
	if _, err := io.CopyN(out, in, 24); err != nil { // the file's header
		return s, err
	}
	begin := time.Now()
	const slice = 20 // of a second
	for {
		header, err := in.Peek(16)
		if err == io.EOF {
			s.took = time.Since(begin)
			return s, out.Flush()
		}
		if err != nil {
			return s, err
		}
		if _, err := io.CopyN(out, in, 16+int64(binary.LittleEndian.Uint32(header[8:]))); err != nil {
			return s, err
		}
		if s.packets++; s.packets%max(*rate/slice, 1) > 0 {
			continue
		}
		if err := out.Flush(); err != nil {
			return s, err
		}
		due := begin.Add(time.Duration(s.packets) * time.Second / time.Duration(*rate))
		s.late = max(s.late, time.Since(due))
		time.Sleep(time.Until(due))
	}
}

// content is a number of lines and a sum of their hashes, in whatever order they are.
type content struct {
	lines, sum uint64
	packets    uint64 // that the summary counts
}

func (c *content) add(line []byte) {
	h := fnv.New64a()
	h.Write(line)
	c.lines++
	c.sum += h.Sum64()
	var e struct {
		Type    string
		Packets uint64
	}
	if bytes.HasPrefix(line, []byte(`{"type":"summary"`)) && json.Unmarshal(line, &e) == nil {
		c.packets += e.Packets
	}
}

func linesOf(dir string) (c content, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	slices.Sort(paths)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return c, err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			c.add(lines.Bytes())
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return c, err
		}
	}
	return c, err
}

// broker is a nats-server that this program starts and stops.
type broker struct {
	url, port string
	cmd       *exec.Cmd
}

func newBroker() (*broker, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	return &broker{url: "nats://" + l.Addr().String(), port: port}, nil
}

func (b *broker) start() error {
	b.cmd = exec.Command(*server, "-js", "-sd", filepath.Join(*dir, "stream"), "-a", "127.0.0.1", "-p", b.port)
	return b.cmd.Start()
}

func (b *broker) stop() {
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

// pause kills the server after a while, and starts it again.
func (b *broker) pause(after, length time.Duration) error {
	time.Sleep(after)
	b.stop()
	time.Sleep(length)
	return b.start()
}

// received waits until the stream holds so many messages, and reads them all.
func (b *broker) received(ctx context.Context, want uint64) (c content, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	conn, err := nats.Connect(b.url, nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true))
	if err != nil {
		return c, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return c, err
	}
	begin := time.Now()
	var held uint64
	for steady := 0; steady < 3; { // more than was written would come, too
		if err := ctx.Err(); err != nil {
			return c, fmt.Errorf("%d of %d events have come: %w", held, want, context.Cause(ctx))
		}
		time.Sleep(500 * time.Millisecond)
		s, err := js.Stream(ctx, "wshake")
		if err != nil {
			continue
		}
		info, err := s.Info(ctx)
		if err != nil {
			continue
		}
		if held = info.State.Msgs; held >= want {
			steady++
		}
	}
	fmt.Printf("the last came within %.1f s\n", time.Since(begin).Seconds())
	consumer, err := js.OrderedConsumer(ctx, "wshake", jetstream.OrderedConsumerConfig{})
	if err != nil {
		return c, err
	}
	for c.lines < held {
		batch, err := consumer.Fetch(int(min(held-c.lines, 10_000)), jetstream.FetchMaxWait(10*time.Second))
		if err != nil {
			return c, err
		}
		got := 0
		for m := range batch.Messages() {
			c.add(m.Data())
			got++
		}
		if got == 0 {
			return c, fmt.Errorf("the stream gives %d of %d events: %w", c.lines, held, batch.Error())
		}
	}
	return c, nil
}
