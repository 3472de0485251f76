//go:build unix

package ship

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shipping is a Follower of "events*" in a directory that runs, with a Sink that never fails by itself.
type shipping struct {
	*Follower
	dir string
	to  *steady
	mu  sync.Mutex
	// complaints are what was said.
	complaints []string
	stop       func()
	over       chan error
}

// steady is a Sink that takes all, and may be held for a while.
type steady struct {
	hold   sync.Mutex
	mu     sync.Mutex
	lines  []string
	waiter int // calls that have begun
}

func (s *steady) Publish(_ context.Context, messages []Message) error {
	s.mu.Lock()
	s.waiter++
	s.mu.Unlock()
	s.hold.Lock()
	defer s.hold.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		s.lines = append(s.lines, string(m.Line))
	}
	return nil
}

func (s *steady) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

func newShipping(t *testing.T) *shipping {
	s := &shipping{dir: t.TempDir(), to: new(steady)}
	s.Follower = &Follower{Pattern: filepath.Join(s.dir, "events*"), Position: filepath.Join(t.TempDir(), "position"),
		Sink: s.to, Wait: time.Millisecond, Retry: time.Millisecond, Complain: func(err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.complaints = append(s.complaints, err.Error())
		}}
	return s
}

func (s *shipping) start(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	s.over = make(chan error, 1)
	go func() { s.over <- s.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		stop()
		if err := <-s.over; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
}

// expect waits for the first n events, and holds that they are in order.
func (s *shipping) expect(t *testing.T, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d events", n), func() bool { return len(s.to.taken()) >= n })
	if got := s.to.taken(); !slices.Equal(got, eventsUntil(n)) {
		t.Fatalf("%q, want %d events", got, n)
	}
}

func (s *shipping) said(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.complaints, func(c string) bool { return strings.Contains(c, text) })
}

// path names a file of the directory.
func (s *shipping) path(name string) string { return filepath.Join(s.dir, name) }

// lines are events from one number up to another.
func lines(from, until int) string {
	if from == until {
		return ""
	}
	return strings.Join(eventsUntil(until)[from:], "\n") + "\n"
}

func write(t *testing.T, path, content string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = file.WriteString(content)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Logrotate renames a file and makes a new one, and the sensor writes to the old one until it is told.
func TestWrittenAfterRenaming(t *testing.T) {
	s := newShipping(t)
	write(t, s.path("events.ndjson"), lines(0, 3))
	s.start(t)
	s.expect(t, 3)
	must(t, os.Rename(s.path("events.ndjson"), s.path("events.ndjson.1")))
	write(t, s.path("events.ndjson"), "")
	half := len(event(3)) / 2
	write(t, s.path("events.ndjson.1"), event(3)[:half])
	time.Sleep(20 * time.Millisecond) // for many looks
	write(t, s.path("events.ndjson.1"), event(3)[half:]+"\n")
	s.expect(t, 4)
	write(t, s.path("events.ndjson"), lines(4, 6))
	s.expect(t, 6)
	if len(s.complaints) > 0 {
		t.Error(s.complaints)
	}
}

// Logrotate copies a file and cuts it off, twice, while no shipper runs: the rest is in the copy.
func TestCopiedAndCutOff(t *testing.T) {
	s := newShipping(t)
	write(t, s.path("events.ndjson"), lines(0, 3))
	s.start(t)
	s.expect(t, 3)
	s.stop()
	write(t, s.path("events.ndjson.2"), lines(0, 5))
	write(t, s.path("events.ndjson.1"), lines(5, 7))
	must(t, os.Truncate(s.path("events.ndjson"), 0))
	write(t, s.path("events.ndjson"), lines(7, 90)) // longer than it was
	s.start(t)
	s.expect(t, 90)
	if !s.said("copy") {
		t.Errorf("%q", s.complaints)
	}
}

// A file is cut off and grows beyond what it was while its events wait for the stream.
func TestCutOffWhileWaiting(t *testing.T) {
	s := newShipping(t)
	first := lines(0, 3000) // more than one batch
	write(t, s.path("events.ndjson"), first)
	s.to.hold.Lock()
	s.start(t)
	eventually(t, "the first batch", func() bool {
		s.to.mu.Lock()
		defer s.to.mu.Unlock()
		return s.to.waiter > 0
	})
	must(t, os.Truncate(s.path("events.ndjson"), 0))
	write(t, s.path("events.ndjson"), lines(batchLines, 9000))
	s.to.hold.Unlock()
	s.expect(t, 9000)
}

// All files are removed, and the sensor counts from 1 again.
func TestCountedFromOneAgain(t *testing.T) {
	s := newShipping(t)
	write(t, s.path("events-00007.ndjson"), lines(0, 3))
	s.start(t)
	s.expect(t, 3)
	write(t, s.path("new"), "") // while the other one is there, so that it gets a number of its own
	must(t, os.Remove(s.path("events-00007.ndjson")))
	must(t, os.Rename(s.path("new"), s.path("events-00001.ndjson")))
	time.Sleep(20 * time.Millisecond) // files know times of some milliseconds
	write(t, s.path("events-00001.ndjson"), lines(3, 5))
	s.expect(t, 5)
	if !s.said("is gone") {
		t.Errorf("%q", s.complaints)
	}
}

// What is no file is not read, and a file with two names once.
func TestOtherThanFiles(t *testing.T) {
	s := newShipping(t)
	must(t, os.Mkdir(s.path("events-0.ndjson"), 0o700))
	must(t, syscall.Mkfifo(s.path("events-1.ndjson"), 0o600))
	write(t, s.path("events-2.ndjson"), lines(0, 3))
	must(t, os.Link(s.path("events-2.ndjson"), s.path("events-3.ndjson")))
	must(t, os.Symlink(s.path("events-2.ndjson"), s.path("events-4.ndjson")))
	write(t, s.path("events-5.ndjson"), lines(3, 5))
	s.start(t)
	s.expect(t, 5)
	write(t, s.path("events-5.ndjson"), lines(5, 6))
	s.expect(t, 6)
}

// A crash of the machine may leave a file with a long row of zeros.
func TestLongLine(t *testing.T) {
	s := newShipping(t)
	write(t, s.path("events.ndjson"), lines(0, 1))
	must(t, os.Truncate(s.path("events.ndjson"), longestLine+2000))
	s.start(t)
	s.expect(t, 1)
	write(t, s.path("events.ndjson"), "\n"+lines(1, 3))
	s.expect(t, 3)
	if !s.said("longer than any event") {
		t.Errorf("%q", s.complaints)
	}
}

// What cannot be read or noted is tried again, until it can.
func TestFailuresPass(t *testing.T) {
	s := newShipping(t)
	must(t, os.Remove(s.dir)) // the sensor makes it later
	must(t, os.Mkdir(s.Position+".new", 0o700))
	s.start(t)
	eventually(t, "the directory is missed", func() bool { return s.said("no such file or directory") })
	must(t, os.Mkdir(s.dir, 0o700))
	must(t, os.Symlink("events.ndjson", s.path("events.ndjson"))) // to itself
	eventually(t, "a file that cannot be looked at", func() bool { return s.said("too many levels") })
	must(t, os.Remove(s.path("events.ndjson")))
	write(t, s.path("events.ndjson"), lines(0, 3))
	eventually(t, "a position that cannot be noted", func() bool { return s.said("is a directory") })
	must(t, os.Remove(s.Position+".new"))
	write(t, s.path("events.ndjson"), lines(3, 5))
	s.expect(t, 5)
}

// Two shippers would each take the position of the other.
func TestTwoShippers(t *testing.T) {
	s := newShipping(t)
	write(t, s.path("events.ndjson"), lines(0, 1))
	s.start(t)
	s.expect(t, 1)
	other := Follower{Pattern: s.Pattern, Position: s.Position, Sink: s.to}
	if err := other.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "another wshake-ship") {
		t.Error(err)
	}
	s.stop()
	s.start(t) // the lock went with the first
	write(t, s.path("events.ndjson"), lines(1, 2))
	s.expect(t, 2)
}

// A position that is damaged is an error, not a start from the oldest file.
func TestPositionDamaged(t *testing.T) {
	for _, content := range []string{"", "{", "null", "{}", `{"path":"a","offset":-1}`, `{"path":"a","offset":"1"}`,
		`{"path":"events.ndjson","inode":12,"off`} {
		s := newShipping(t)
		write(t, s.path("events.ndjson"), lines(0, 3))
		write(t, s.Position, content)
		err := s.Run(context.Background())
		if err == nil || !strings.Contains(err.Error(), s.Position+" is damaged") {
			t.Errorf("%q: %v", content, err)
		}
		if b, err := os.ReadFile(s.Position); err != nil || string(b) != content {
			t.Errorf("%q is now %q, %v", content, b, err)
		}
	}
}

// A shipper that waits before it tries again ends when it is told to.
func TestStoppedInPause(t *testing.T) {
	s := newShipping(t)
	s.Sink, s.Retry = refusing{}, time.Hour
	write(t, s.path("events.ndjson"), lines(0, 3))
	s.start(t)
	eventually(t, "it fails", func() bool { return s.said(errMemory.Error()) })
	s.stop()
}

// refusing is a Sink that always fails.
type refusing struct{}

func (refusing) Publish(context.Context, []Message) error { return errMemory }

// Pauses grow up to a limit, and begin again with the next failure.
func TestPauses(t *testing.T) {
	for _, d := range []time.Duration{1, 2, time.Second} {
		for range 100 {
			if got := somewhat(d); got < d/2 || got >= d/2+d {
				t.Errorf("%v for %v", got, d)
			}
		}
	}
	for attempts, most := range map[int]time.Duration{0: 750 * time.Millisecond, 3: 6 * time.Second,
		1e9: 12 * time.Second} {
		if got := reconnectDelay(attempts); got < most/3 || got >= most {
			t.Errorf("%v after %d attempts", got, attempts)
		}
	}
}
