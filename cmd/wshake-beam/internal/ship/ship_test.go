package ship

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"wshake/testdata/need"
)

// event is the n-th line of a sensor.
func event(n int) string {
	return fmt.Sprintf(`{"type":"frame","conn":%d,"community_id":"1:%020d=","n":%d}`, n%50, n%50, n)
}

// sensor writes events into a series of files, in pieces that end inside lines.
type sensor struct {
	dir     string
	perFile int
	written int
	file    *os.File
}

func (s *sensor) write(t *testing.T, n int) {
	t.Helper()
	for range n {
		if s.written%s.perFile == 0 {
			if s.file != nil {
				s.file.Close()
			}
			var err error
			if s.file, err = os.Create(filepath.Join(s.dir, fmt.Sprintf("events-%05d.ndjson", s.written/s.perFile+1))); err != nil {
				t.Fatal(err)
			}
		}
		line := event(s.written) + "\n"
		s.file.WriteString(line[:len(line)/2])
		s.file.WriteString(line[len(line)/2:])
		s.written++
	}
}

// memory is a Sink that fails in between, after it has taken some of a batch.
type memory struct {
	mu     sync.Mutex
	random *rand.Rand
	ids    map[string]bool // as a server knows them
	lines  []string
	twice  int
}

// refusedLength is from which length on memory refuses an event, octets.
const refusedLength = 5000

var errMemory = errors.New("no answer")

func (m *memory) Publish(_ context.Context, messages []Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stop := len(messages)
	if m.random.IntN(3) == 0 {
		stop = m.random.IntN(len(messages) + 1)
	}
	var at []int
	for i, msg := range messages[:stop] {
		switch {
		case len(msg.Line) > refusedLength:
			at = append(at, i)
		case m.ids[msg.ID]:
			m.twice++
		default:
			m.ids[msg.ID] = true
			m.lines = append(m.lines, string(msg.Line))
		}
	}
	if stop < len(messages) {
		return errMemory
	}
	return refused(at, errors.New("too large"))
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.lines)
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not in a minute: %s", what)
}

// A shipper is stopped at any time, and its stream answers or not: in the end every event is there once, in its order.
func TestEachEventOnce(t *testing.T) {
	s := &sensor{dir: t.TempDir(), perFile: 700}
	m := &memory{random: rand.New(rand.NewPCG(1, 2)), ids: make(map[string]bool)}
	position := filepath.Join(t.TempDir(), "position")
	pause := rand.New(rand.NewPCG(5, 6))
	for range 12 {
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		f := &Follower{Pattern: filepath.Join(s.dir, "events-*.ndjson"), Position: position, Sensor: "a", Sink: m,
			Wait:  time.Millisecond,
			Retry: time.Millisecond}
		running.Go(func() {
			if err := f.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		s.write(t, 250)
		time.Sleep(time.Duration(pause.IntN(4)) * time.Millisecond)
		stop()
		running.Wait()
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	f := &Follower{Pattern: filepath.Join(s.dir, "events-*.ndjson"), Position: position, Sensor: "a", Sink: m, Wait: time.Millisecond, Retry: time.Millisecond}
	over := make(chan error)
	go func() { over <- f.Run(ctx) }()
	eventually(t, "all events", func() bool { return m.count() >= s.written })
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
	for i, line := range m.lines {
		if line != event(i) {
			t.Fatalf("event %d is %s", i, line)
		}
	}
	if len(m.lines) != s.written {
		t.Errorf("%d events, want %d", len(m.lines), s.written)
	}
	if m.twice == 0 {
		t.Error("nothing was sent twice: this test tests nothing")
	}
}

// Rotation by renaming, as logrotate does with SIGHUP: the file that is read is known by its number, not by its name.
func TestRenamedFile(t *testing.T) {
	dir := t.TempDir()
	m := &memory{random: rand.New(rand.NewPCG(3, 4)), ids: make(map[string]bool)}
	path := filepath.Join(dir, "events.ndjson")
	first, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	fmt.Fprintln(first, event(0))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	f := &Follower{Pattern: filepath.Join(dir, "events*.ndjson"), Position: filepath.Join(dir, "position"), Sink: m, Wait: time.Millisecond, Retry: time.Millisecond}
	go f.Run(ctx)
	eventually(t, "the first event", func() bool { return m.count() == 1 })
	if err := os.Rename(path, filepath.Join(dir, "events-1.ndjson")); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(first, event(1))
	eventually(t, "what is written behind the renaming", func() bool { return m.count() == 2 })
	if err := os.WriteFile(path, []byte(event(2)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new file", func() bool { return m.count() == 3 })
}

// Files are rotated twice while no shipper runs, and their oldest is half read: all that is in them comes, in its
// order.
func TestRotatedWhileStopped(t *testing.T) {
	for _, names := range [][3]string{ // the first one when it was read, then oldest to newest
		{"events-99999.ndjson", "events-100000.ndjson", "events-100001.ndjson"},
		{"events-99999", "events-100000", "events-100001"},
		{"events-1.ndjson", "events-2.ndjson", "events.ndjson"},
		{"events.ndjson.10", "events.ndjson.9", "events.ndjson"},
		{"events.ndjson-20261128", "events.ndjson-20261129", "events.ndjson"},
		{"events.ndjson.20261128", "events.ndjson.20261129", "events.ndjson"},
	} {
		dir := t.TempDir()
		m := &memory{random: rand.New(rand.NewPCG(9, 10)), ids: make(map[string]bool)}
		read := func(until int) {
			t.Helper()
			ctx, stop := context.WithCancel(context.Background())
			f := &Follower{Pattern: filepath.Join(dir, "events*"), Position: filepath.Join(dir, "position"), Sink: m,
				Wait: time.Millisecond, Retry: time.Millisecond}
			over := make(chan error)
			go func() { over <- f.Run(ctx) }()
			eventually(t, names[0], func() bool { return m.count() == until })
			stop()
			if err := <-over; err != nil {
				t.Error(err)
			}
		}
		path := filepath.Join(dir, "events.ndjson")
		if names[2] != "events.ndjson" {
			path = filepath.Join(dir, names[0])
		}
		write := func(name string, from, until int) {
			t.Helper()
			file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			for n := range until - from {
				fmt.Fprintln(file, event(from+n))
			}
		}
		write(path, 0, 3)
		read(3)
		write(path, 3, 5)
		if first := filepath.Join(dir, names[0]); first != path {
			if err := os.Rename(path, first); err != nil {
				t.Fatal(err)
			}
		}
		write(filepath.Join(dir, names[1]), 5, 8)
		write(filepath.Join(dir, names[2]), 8, 10)
		read(10)
		if !slices.Equal(m.lines, eventsUntil(10)) {
			t.Errorf("%s: %q", names[0], m.lines)
		}
	}
}

// A file that is cut off and written again, as logrotate's copytruncate does, one that is moved out of sight and made
// anew under its name, and an event that the stream refuses.
func TestFilesReplaced(t *testing.T) {
	dir := t.TempDir()
	m := &memory{random: rand.New(rand.NewPCG(7, 8)), ids: make(map[string]bool)}
	path := filepath.Join(dir, "events.ndjson")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	f := &Follower{Pattern: path, Position: filepath.Join(dir, "position"), Sink: m, Wait: time.Millisecond, Retry: time.Millisecond}
	go f.Run(ctx)
	n := 0
	write := func(flags int, events int) {
		t.Helper()
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flags, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for range events {
			fmt.Fprintln(file, event(n))
			n++
		}
		eventually(t, "all events", func() bool { return m.count() == n })
	}
	write(0, 10)
	write(os.O_TRUNC, 5) // shorter than it was
	write(os.O_APPEND, 20)
	if err := os.Rename(path, filepath.Join(t.TempDir(), "moved")); err != nil {
		t.Fatal(err)
	}
	write(0, 3)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(file, `{"type":"message","text":"`+strings.Repeat("x", refusedLength)+`"}`)
	file.Close()
	write(os.O_APPEND, 3)
	if !slices.Equal(m.lines, eventsUntil(n)) {
		t.Errorf("%q", m.lines)
	}
}

func eventsUntil(n int) (lines []string) {
	for i := range n {
		lines = append(lines, event(i))
	}
	return lines
}

// A new file may get the number of a removed file: a file is known by how it begins.
func TestSameNumber(t *testing.T) {
	var p position
	for i, c := range []struct {
		content string
		same    bool
	}{{"", true}, {"one\n", true}, {"one\ntwo\n", true}, {"ONE\ntwo\n", false}, {"one\n", false}} {
		got, err := p.holds(strings.NewReader(c.content), int64(len(c.content)))
		if err != nil || got != c.same {
			t.Errorf("%d: %q is the same: %t, %v", i, c.content, got, err)
		}
		if c.same {
			more := c.content[p.Offset:]
			p.add([]byte(more), int64(len(more)))
		}
	}
}

// server is a nats-server of its own.
type server struct {
	program, dir string
	port         int
	cmd          *exec.Cmd
}

func (s *server) start(t *testing.T, more ...string) {
	t.Helper()
	args := append([]string{"-js", "-sd", s.dir, "-a", "127.0.0.1", "-p", fmt.Sprint(s.port)}, more...)
	s.cmd = exec.Command(s.program, args...)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (s *server) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// serving starts a server and connects to it, until the test ends.
func serving(ctx context.Context, t *testing.T) (s *server, url string, stream *NATS) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = &server{program: need.Program(t, "nats-server"), dir: t.TempDir(), port: l.Addr().(*net.TCPAddr).Port}
	l.Close()
	s.start(t)
	t.Cleanup(s.stop)
	url = fmt.Sprintf("nats://127.0.0.1:%d", s.port)
	eventually(t, "the server answers", func() bool {
		stream, err = OpenNATS(ctx, url, "wshake", "wshake.events")
		return err == nil
	})
	t.Cleanup(stream.Close)
	return s, url, stream
}

// The server is killed and comes back; the shipper is stopped and comes back: what the stream holds is counted on both
// ends.
func TestNATS(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	s, url, stream := serving(ctx, t)
	events := need.Rounds(20_000, 2_000)
	writer := &sensor{dir: t.TempDir(), perFile: 3000}
	position := filepath.Join(t.TempDir(), "position")
	for round := range 4 {
		following, pause := context.WithCancel(ctx)
		f := &Follower{Pattern: filepath.Join(writer.dir, "*.ndjson"), Position: position, Sensor: "a", Sink: stream, Wait: 5 * time.Millisecond, Retry: 100 * time.Millisecond}
		over := make(chan error)
		go func() { over <- f.Run(following) }()
		writer.write(t, events/8)
		if round == 1 {
			s.stop()
			writer.write(t, events/8)
			time.Sleep(time.Second)
			s.start(t)
		} else {
			writer.write(t, events/8)
		}
		if round == 3 {
			eventually(t, "all events are noted", func() bool { return len(received(ctx, url)) >= writer.written })
		}
		pause()
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	large := Message{Line: make([]byte, 2<<20)}
	refused := (*Refused)(nil)
	if err := stream.Publish(ctx, []Message{large}); !errors.As(err, &refused) ||
		!slices.Equal(refused.At, []int{0}) {
		t.Errorf("a large event: %v", err)
	}
	// A stream that is there stays as it is; what is too large for it, and not for the server, is refused all the same.
	_, err := stream.js.CreateStream(ctx, jetstream.StreamConfig{Name: "small", Subjects: []string{"small.*"},
		MaxMsgSize: 1000})
	if err != nil {
		t.Fatal(err)
	}
	small, err := OpenNATS(ctx, url, "small", "small")
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	batch := []Message{{ID: "a", Line: []byte("{}")}, {ID: "b", Line: make([]byte, 2000)},
		{ID: "c", Line: []byte("{}")}, {ID: "d", Line: make([]byte, 2000)}}
	if err := small.Publish(ctx, batch); !errors.As(err, &refused) ||
		!slices.Equal(refused.At, []int{1, 3}) {
		t.Errorf("an event that is too large for the stream: %v", err)
	}
	got := received(ctx, url)
	var want []string
	for n := range writer.written {
		want = append(want, event(n))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d events in the stream, %d were written", len(got), len(want))
	}
}

// A server that refuses a shipper for a while, such as one with other users, is tried until it does not.
func TestNATSRefuses(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	s, _, stream := serving(ctx, t)
	refusals := make(chan struct{}, 100)
	stream.conn.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrAuthorization) {
			refusals <- struct{}{}
		}
	})
	s.stop()
	s.start(t, "--user", "other", "--pass", "secret")
	for range 3 { // after two a client would give up
		select {
		case <-refusals:
		case <-ctx.Done():
			t.Fatal("the server does not refuse the shipper")
		}
	}
	s.stop()
	s.start(t)
	message := []Message{{ID: "a", Line: []byte("{}")}}
	eventually(t, "the server takes an event", func() bool { return stream.Publish(ctx, message) == nil })
}

// received is what a stream holds; events of one connection must have one subject.
func received(ctx context.Context, url string) (lines []string) {
	conn, err := nats.Connect(url)
	if err != nil {
		return nil
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return nil
	}
	stream, err := js.Stream(ctx, "wshake")
	if err != nil {
		return nil
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return nil
	}
	for uint64(len(lines)) < info.State.Msgs {
		batch, err := consumer.Fetch(int(min(info.State.Msgs-uint64(len(lines)), 1000)), jetstream.FetchMaxWait(2*time.Second))
		if err != nil {
			return nil
		}
		n := 0
		for msg := range batch.Messages() {
			if msg.Subject() != fmt.Sprintf("wshake.events.%d", part(msg.Headers().Get(HeaderKey))) {
				return nil
			}
			lines = append(lines, string(msg.Data()))
			n++
		}
		if n == 0 {
			return nil
		}
	}
	return lines
}

// Kafka is played by franz-go's kfake: no broker was tried.
func TestKafka(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "events"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	sink, err := OpenKafka(cluster.ListenAddrs(), "events", func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	writer := &sensor{dir: t.TempDir(), perFile: 400}
	writer.write(t, 1500)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	f := &Follower{Pattern: filepath.Join(writer.dir, "*.ndjson"), Position: filepath.Join(t.TempDir(), "position"), Sink: sink, Wait: time.Millisecond}
	go f.Run(ctx)
	reader, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics("events"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	ids, partitions, n := make(map[string]bool), make(map[string]int32), 0
	for n < writer.written && ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			n++
			ids[string(r.Headers[0].Value)] = true
			if p, known := partitions[string(r.Key)]; known && p != r.Partition {
				t.Errorf("%s is in two partitions", r.Key)
			}
			partitions[string(r.Key)] = r.Partition
		})
	}
	large := Message{Line: make([]byte, 2<<20)}
	refused := (*Refused)(nil)
	if err := sink.Publish(ctx, []Message{{Line: []byte("{}")}, large}); !errors.As(err, &refused) ||
		!slices.Equal(refused.At, []int{1}) {
		t.Errorf("a large event: %v", err)
	}
	if n != writer.written || len(ids) != n || len(partitions) != 50 {
		t.Errorf("%d records, %d ids, %d keys of %d events", n, len(ids), len(partitions), writer.written)
	}
}

// A broker takes smaller batches than the client makes: events that are small themselves are not left out. Lines that
// cannot be compressed make batches whose size is known.
func TestKafkaSmallBatches(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "events"),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": "20000"}))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	sink, err := OpenKafka(cluster.ListenAddrs(), "events", func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	random := rand.NewChaCha8([32]byte{})
	var messages []Message
	var want []string
	for i := range 30 {
		m := Message{ID: fmt.Sprint(i), Line: make([]byte, 1000)}
		if i%10 == 5 {
			m.Line = make([]byte, 50_000)
		} else {
			want = append(want, m.ID)
		}
		random.Read(m.Line)
		messages = append(messages, m)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	refused := (*Refused)(nil)
	if err := sink.Publish(ctx, messages); !errors.As(err, &refused) || !slices.Equal(refused.At, []int{5, 15, 25}) {
		t.Errorf("three events are too large for the broker: %v", err)
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics("events"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var got []string
	for len(got) < len(want) && ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) { got = append(got, string(r.Headers[0].Value)) })
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d events, want %d", len(got), len(want))
	}
}

// That no broker can be reached is said while the shipper waits for one.
func TestKafkaUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	said := make(chan error, 1)
	sink, err := OpenKafka([]string{address}, "events", func(err error) {
		select {
		case said <- err:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error)
	go func() { over <- sink.Publish(ctx, []Message{{Line: []byte("{}")}}) }()
	if err := <-said; !strings.Contains(err.Error(), address) {
		t.Error(err)
	}
	stop()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
