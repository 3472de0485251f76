package analyze

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/tls"
	"wshake/capture"
)

func tlsRecordings(t *testing.T) (names []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "captures", "tls-*.keys"))
	if len(files) == 0 {
		t.Fatal("no recordings of TLS")
	}
	for _, f := range files {
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
			keys := new(tls.KeyLog)
			keys.Add(bytes.NewReader([]byte(text)))
			r := analyseFile(t, tlsRecording(name), func(c *Config) { c.Keys = keys })
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
		c.Workers, c.Keys = 2, new(tls.KeyLog)
		c.Secrets = func() func() {
			list := met
			met = nil
			return func() {
				for _, text := range list {
					c.Keys.Add(bytes.NewReader(text))
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
