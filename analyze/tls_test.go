package analyze

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
)

func tlsRecordings(t *testing.T) (names []string) {
	t.Helper()
	for _, f := range glob(t, filepath.Join("..", "testdata", "captures", "tls-*.keys")) {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".keys"))
	}
	return names
}

func tlsRecording(name string) string {
	return filepath.Join("..", "testdata", "captures", name+".pcapng")
}

// Without the secrets no handshake is shown, none is missed silently: a caveat stands for each connection.
func TestTLSWithoutKeys(t *testing.T) {
	for _, name := range tlsRecordings(t) {
		r := analyseFile(t, tlsRecording(name))
		encrypted := 0
		for _, h := range r.handshakes {
			if h.TLS {
				t.Errorf("%s: a handshake was read without its keys", name)
			}
		}
		for _, c := range r.caveats {
			if c.Name == "tls-undecrypted" {
				encrypted++
			}
		}
		if encrypted == 0 {
			t.Errorf("%s: nothing says that TLS was not decrypted", name)
		}
		for _, f := range r.findings {
			if f.Level == event.Error {
				t.Errorf("%s: %s", name, f.Text)
			}
		}
	}
}

// With the secrets of one side only, with wrong ones, and with a log that is cut off, nothing is invented.
func TestTLSWithPartOfTheKeys(t *testing.T) {
	for _, name := range tlsRecordings(t) {
		log, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".keys"))
		if err != nil {
			t.Fatal(err)
		}
		whole := analyseFile(t, tlsRecording(name), withKeys(t, name))
		sent := map[[32]byte]bool{}
		for _, m := range whole.messages {
			sent[m.SHA256.Value] = true
		}
		var client []string
		for _, line := range strings.Split(string(log), "\n") {
			if !strings.HasPrefix(line, "SERVER_") {
				client = append(client, line)
			}
		}
		for what, text := range map[string]string{
			"client only": strings.Join(client, "\n"), "cut": string(log[:len(log)*2/3]),
			"wrong": strings.NewReplacer("0", "1", "1", "0").Replace(string(log)),
		} {
			keys := new(keylog.Log)
			keys.Add(bytes.NewReader([]byte(text)))
			r := analyseFile(t, tlsRecording(name), func(c *Config) { c.Keys.Log = keys })
			for _, m := range r.messages {
				if m.Complete && m.SHA256.Known && !sent[m.SHA256.Value] {
					t.Errorf("%s, %s: a message of %d octets was invented", name, what, m.Length.Value)
				}
			}
			for _, f := range r.findings {
				if f.Level == event.Error {
					t.Errorf("%s, %s: %s", name, what, f.Text)
				}
			}
		}
	}
}

// Secrets inside the capture count from where they stand.
func TestTLSWithEmbeddedSecrets(t *testing.T) {
	var met [][]byte
	src, err := capture.Open([]string{tlsRecording("tls-embedded-secrets")}, capture.Options{Secrets: func(s capture.Secrets) { met = append(met, s.Data) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r := analyseSource(t, src, func(c *Config) {
		c.Workers, c.Keys.Log = 2, new(keylog.Log)
		c.Keys.Poll = func() func() {
			list := met
			met = nil
			return func() {
				for _, text := range list {
					c.Keys.Log.Add(bytes.NewReader(text))
				}
			}
		}
	})
	if len(r.handshakes) != 1 || !r.handshakes[0].TLS || r.handshakes[0].Verdict != event.Established {
		t.Errorf("%+v", r.handshakes)
	}
}

// The leg that nginx decrypts pairs with the plain one behind it.
func TestTLSLegPairsWithPlainLeg(t *testing.T) {
	r := analyseFile(t, tlsRecording("tls-nginx"), withKeys(t, "tls-nginx"))
	if len(r.handshakes) != 2 || r.handshakes[0].TLS == r.handshakes[1].TLS {
		t.Fatalf("%d handshakes", len(r.handshakes))
	}
	if names := r.names(); len(names) > 0 {
		t.Errorf("a right proxy raised %v", names)
	}
}

// A lost packet costs the messages that it carried octets of and no other: whatever protects the records, they
// are found again where their tags prove it, and what is missing is named.
func TestLostPacketUnderTLS(t *testing.T) {
	for _, name := range sampled(t, tlsRecordings(t)) {
		keys := withKeys(t, name)
		original := loadTape(t, tlsRecording(name))
		whole := original.see(t, keys)
		if len(whole.report.messages) == 0 {
			continue
		}
		sent, lost, own, drops := complete(whole.report), 0, 0, 0
		for k, segment := range original.segments() {
			number := uint64(k + 1)
			if len(segment.Payload) == 0 || carried(whole.report, number) == 0 {
				continue
			}
			got := slices.Delete(slices.Clone(original), k, k+1).see(t, keys)
			for _, b := range breaches(whole, got) {
				t.Errorf("%s without packet %d: %s", name, number, b)
			}
			if n := carried(whole.report, number); sent-complete(got.report) > n {
				t.Errorf("%s without packet %d: %d messages are missing of which it carried %d", name, number, sent-complete(got.report), n)
			}
			if got.report.summary.Caveats["gap"] == 0 {
				t.Errorf("%s without packet %d: caveats %v", name, number, got.report.summary.Caveats)
			}
			drops, lost, own = drops+1, lost+sent-complete(got.report), own+carried(whole.report, number)
		}
		t.Logf("%s: %d packets dropped, one at a time: %.2f messages lost on average, of which the packet carried octets of %.2f",
			name, drops, float64(lost)/float64(drops), float64(own)/float64(drops))
	}
}
