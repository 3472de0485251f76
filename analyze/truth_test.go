package analyze

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
)

// sent is one message as its sender's program says it sent it.
type sent struct {
	Opcode string `json:"opcode"`
	Length uint64 `json:"length"`
	SHA256 string `json:"sha256"`
}

// The endpoints of our recordings wrote down what they sent: the messages we report are those, none more and none
// less.
func TestMessagesAreWhatTheEndpointsSent(t *testing.T) {
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "*.truth.json")) {
		name := strings.TrimSuffix(filepath.Base(path), ".truth.json")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var truth struct {
				Connections []struct {
					ClientPort uint16 `json:"client_port"`
					Stream     uint64 `json:"stream"` // of HTTP/2; 0 where there is none
					Client     []sent `json:"client"`
					Server     []sent `json:"server"`
				}
			}
			if err := json.Unmarshal(text, &truth); err != nil {
				t.Fatal(err)
			}
			r := analyseFile(t, filepath.Join("..", "testdata", "captures", name+".pcapng"), withKeys(t, name))
			for _, c := range truth.Connections {
				for side, want := range [2][]sent{event.Client: c.Client, event.Server: c.Server} {
					var got []sent
					for _, m := range r.messages {
						if m.Conn.Peer[event.Client].Port() == c.ClientPort && m.Conn.Stream.Value == c.Stream && m.From == event.Side(side) && m.Complete {
							got = append(got, sent{m.Opcode.String(), m.Length.Value, hex.EncodeToString(m.SHA256.Value[:])})
						}
					}
					if len(got) != len(want) || !slices.Equal(got, want) {
						t.Errorf("client port %d, %s: got %d messages, want %d\n%v\n%v", c.ClientPort, event.Side(side), len(got), len(want), got, want)
					}
				}
			}
		})
	}
}

// withKeys reads the key log beside a recording, where there is one.
func withKeys(t testing.TB, name string) func(*Config) {
	t.Helper()
	keys := new(keylog.Log)
	if f, err := os.Open(filepath.Join("..", "testdata", "captures", name+".keys")); err == nil {
		defer f.Close()
		if _, err := keys.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	return func(c *Config) { c.Keys.Log = keys }
}
