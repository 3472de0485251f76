package analyze

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// What wshake says that messages say is what their endpoints say that they sent: recordings whose endpoints kept account
// in the words of their protocol have it beside them. It may leave out messages, and of a message what they do not tell.
func TestWordsAreWhatTheEndpointsSaid(t *testing.T) {
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "*.said.json")) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var account []struct{ From, Type, ID, Name, Error string }
			if err := json.Unmarshal(text, &account); err != nil || len(account) == 0 {
				t.Fatal("no account", err)
			}
			r := analyseFile(t, strings.TrimSuffix(path, ".said.json")+".pcapng", func(c *Config) { c.Words = true })
			next := [2]int{} // messages of each side
			for _, a := range account {
				side := event.Client
				if a.From == "server" {
					side = event.Server
				}
				found := false
				for !found && next[side] < len(r.messages) {
					m := &r.messages[next[side]]
					next[side]++
					found = m.App != nil && m.From == side && m.App.Type == a.Type && (a.ID == "" || m.App.ID == a.ID) &&
						(a.Name == "" || m.App.Name == a.Name) && (a.Error == "" || strings.Contains(m.App.Error, a.Error))
				}
				if !found {
					t.Fatalf("the %s says that it sent %+v", a.From, a)
				}
			}
			for i := range r.messages {
				if m := &r.messages[i]; m.App == nil {
					t.Errorf("packet %d: a message without words, %s of %d octets", m.At.Number, m.Opcode, m.Length.Value)
				}
			}
		})
	}
}
