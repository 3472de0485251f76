package analyze

import (
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/testdata/need"
)

// lateKeys is a Source whose key log comes while it is read: as many lines per packet as there must be for it to be
// over with the last packet, or all behind it.
type lateKeys struct {
	*player
	keys    keylog.Log
	lines   []string
	packets int // before the first line
	batch   int // packets of a batch
	come    []string
}

// recordLate plays a recording with the key log beside it behind the packets before, in batches of some size.
func recordLate(t testing.TB, name string, before, batch int) *lateKeys {
	t.Helper()
	log, err := os.ReadFile(strings.TrimSuffix(tlsRecording(name), ".pcapng") + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	return &lateKeys{player: loadTape(t, tlsRecording(name)).play(), lines: slices.Collect(strings.Lines(string(log))), packets: before, batch: batch}
}

func (l *lateKeys) Read(b *capture.Batch) error {
	switch {
	case len(l.left) == 0:
		l.come, l.lines = append(l.come, l.lines...), nil
		return io.EOF
	case l.packets > 0:
		l.packets -= l.batch
	case len(l.lines) > 0:
		l.come, l.lines = append(l.come, l.lines[0]), l.lines[1:]
	}
	n := min(len(l.left), l.batch)
	b.Packets = append(b.Packets[:0], l.left[:n]...)
	l.left = l.left[n:]
	return nil
}

// await makes an analysis take the keys as they come.
func (l *lateKeys) await(c *Config) {
	c.Keys.Log, c.Keys.Wait = &l.keys, 1<<62
	c.Keys.Poll = func() func() {
		if len(l.come) == 0 {
			return nil
		}
		return func() {
			l.keys.Add(strings.NewReader(strings.Join(l.come, "")))
			l.come = nil
		}
	}
}

// byConnection puts the events of each kind in the order of their connections: when what was encrypted is read depends
// on when its secrets come.
func (r *recorder) byConnection() {
	for i := range r.handshakes {
		r.handshakes[i].OtherLeg = nil // the leg that is read second names the other
	}
	slices.SortStableFunc(r.handshakes, func(a, b event.Handshake) int { return int(a.Conn.Ordinal) - int(b.Conn.Ordinal) })
	slices.SortStableFunc(r.frames, func(a, b event.Frame) int { return int(a.Conn.Ordinal) - int(b.Conn.Ordinal) })
	slices.SortStableFunc(r.messages, func(a, b event.Message) int { return int(a.Conn.Ordinal) - int(b.Conn.Ordinal) })
	slices.SortStableFunc(r.connections, func(a, b event.Connection) int { return int(a.Conn.Ordinal) - int(b.Conn.Ordinal) })
	slices.SortStableFunc(r.findings, func(a, b *event.Finding) int { return strings.Compare(a.Name, b.Name) })
}

// What is decrypted is the same whenever the secrets come, also after the connections are over.
func TestSecretsComeLate(t *testing.T) {
	for _, name := range sampled(t, tlsRecordings(t)) {
		want := analyseFile(t, tlsRecording(name), withKeys(t, name))
		want.byConnection()
		want.summary.Files = nil
		packets := int(want.summary.Packets)
		for _, before := range []int{0, 5, packets / 2, packets} {
			for _, workers := range []int{1, 4} {
				src := recordLate(t, name, before, 3)
				got := analyseSource(t, src, src.await, func(c *Config) { c.Workers = workers })
				got.byConnection()
				got.summary.Files = nil
				// A leg that is told first does not know yet that it is the one to a backend.
				want.summary.Hosts, got.summary.Hosts = nil, nil
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s, secrets behind packet %d, %d workers: %d handshakes, %d messages, findings %v, caveats %v instead of %d, %d, %v, %v",
						name, before, workers, len(got.handshakes), len(got.messages), got.names(), got.summary, len(want.handshakes), len(want.messages), want.names(), want.summary)
				}
			}
		}
	}
}

// What waits for secrets is given up after its time, and when too much is held: then it is named, and the rest goes
// on.
func TestSecretsDoNotCome(t *testing.T) {
	for _, name := range sampled(t, tlsRecordings(t)) {
		whole := analyseFile(t, tlsRecording(name))
		for what, change := range map[string]func(*Config){
			"never":    func(c *Config) {},
			"in time":  func(c *Config) { c.Keys.Wait = time.Nanosecond },
			"no room":  func(c *Config) { c.Limits.Secrets = 1 },
			"too late": func(c *Config) { c.Keys.Wait = time.Millisecond; c.Workers = 3 },
		} {
			src := recordLate(t, name, 1<<30, 1)
			src.lines = nil
			r := analyseSource(t, src, src.await, change)
			r.summary.TLS.KeyLog = whole.summary.TLS.KeyLog // of all secrets none is given to whole
			if r.summary.TLS != whole.summary.TLS || !reflect.DeepEqual(r.summary.Caveats, whole.summary.Caveats) || r.summary.TLS.Undecrypted == 0 ||
				len(r.messages) != len(whole.messages) || len(r.handshakes) != len(whole.handshakes) {
				t.Errorf("%s, %s: %+v instead of %+v", name, what, r.summary, whole.summary)
			}
		}
	}
}

// So it is with damaged captures.
func TestSecretsComeLateToDamage(t *testing.T) {
	for _, name := range []string{"tls-12-aes-128-gcm", "tls-12-aes-128-cbc-sha", "tls-12-renegotiation", "tls-13-aes-128-gcm", "tls-13-key-update", "tls-13-early-data", "tls-nginx"} {
		original := loadTape(t, tlsRecording(name))
		step := 3
		if need.Brief() && !racing {
			step = 11
		}
		for _, d := range damages {
			for k := 0; k < len(original); k += step {
				damaged := d.do(original, k)
				want := damaged.analyse(t, withKeys(t, name))
				src := recordLate(t, name, len(damaged), 4)
				src.player = damaged.play()
				got := analyseSource(t, src, src.await)
				want.byConnection()
				got.byConnection()
				// A leg that is told first does not know yet that it is the one to a backend.
				want.summary.Hosts, got.summary.Hosts = nil, nil
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s %d: %d handshakes, %d messages, findings %v, %+v instead of %d, %d, %v, %+v", name, d.name, k,
						len(got.handshakes), len(got.messages), got.names(), got.summary, len(want.handshakes), len(want.messages), want.names(), want.summary)
				}
			}
		}
	}
}
