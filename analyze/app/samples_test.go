package app

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze/event"
)

var update = flag.Bool("update", false, "write what is read into the samples")

// readSamples reads a file of testdata. In it stand messages: "> text OCTETS" from the client, "< binary OCTETS" from the server, its
// octets quoted as in Go where they would not show. "subprotocol NAME" and "target PATH" begin a conversation anew.
// Behind a message stands "= what is read of it", or "= nothing".
func readSamples(t testing.TB, path string, each func(line string, talk *Talk, m *Message) string) string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var talk Talk
	var out strings.Builder
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		word, rest, _ := strings.Cut(line, " ")
		if word != "=" {
			fmt.Fprintln(&out, line)
		}
		switch word {
		case "subprotocol":
			talk.Agree(&event.Handshake{Protocol: event.Some(rest)})
		case "target":
			talk.Agree(&event.Handshake{Request: &event.Head{Target: rest}})
		case ">", "<":
			opcode, octets, _ := strings.Cut(rest, " ")
			if strings.HasPrefix(octets, `"`) && strings.HasSuffix(octets, `"`) && strings.Contains(octets, `\`) || opcode == "binary" {
				if octets, err = strconv.Unquote(octets); err != nil {
					t.Fatalf("%s: %s: %v", path, line, err)
				}
			}
			m := Message{Opcode: event.OpText, First: []byte(octets), Length: uint64(len(octets))}
			if opcode == "binary" {
				m.Opcode = event.OpBinary
			}
			if word == "<" {
				m.From = event.Server
			}
			fmt.Fprintln(&out, "= "+each(line, &talk, &m))
		}
	}
	return out.String()
}

func shown(a *event.App) string {
	if a == nil {
		return "nothing"
	}
	s := a.Protocol + " " + a.Type
	for _, part := range []struct{ key, value string }{{"id", a.ID}, {"name", a.Name}, {"error", a.Error}} {
		if part.value != "" {
			s += fmt.Sprintf(" %s=%q", part.key, part.value)
		}
	}
	if a.Failed {
		s += " FAILED"
	}
	return s + " | " + a.Text
}

func sampleFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	return files
}

func TestSamples(t *testing.T) {
	for _, path := range sampleFiles(t) {
		var quiet Talk // reads without words wanted, and finds the same failures
		got := readSamples(t, path, func(line string, talk *Talk, m *Message) string {
			if talk.looked == [2]uint8{} && talk.packets == nil {
				quiet = *talk
			}
			a, b := talk.Read(m, true), quiet.Read(m, false)
			if (a != nil && a.Failed) != (b != nil) || b != nil && *a != *b {
				t.Errorf("%s: %s: read as %v, and %v where only failures are wanted", path, line, a, b)
			}
			return shown(a)
		})
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			t.Errorf("%s: got\n%s", path, got)
		}
	}
}

// Every protocol of the table has a file of samples of its name, in which it is read.
func TestEveryProtocolHasSamples(t *testing.T) {
	for _, p := range protocols {
		text, err := os.ReadFile(filepath.Join("testdata", p.name+".txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(text), "\n= "+p.name+" ") {
			t.Errorf("no sample is read as %s", p.name)
		}
		for _, name := range p.subprotocols {
			if !strings.Contains(string(text), "subprotocol "+name+"\n") {
				t.Logf("no sample with the subprotocol %s", name)
			}
		}
	}
}

// What the samples of one protocol say is not read as another one behind its subprotocol.
func TestNothingIsGuessedAgainstTheSubprotocol(t *testing.T) {
	for _, p := range protocols {
		for _, name := range p.subprotocols {
			for _, path := range sampleFiles(t) {
				readSamples(t, path, func(line string, _ *Talk, m *Message) string {
					var talk Talk
					talk.Agree(&event.Handshake{Protocol: event.Some(name)})
					if a := talk.Read(m, true); a != nil && a.Protocol != p.name {
						t.Errorf("behind the subprotocol %s, %s is read as %s", name, line, shown(a))
					}
					return ""
				})
			}
		}
	}
	for _, name := range other {
		var talk Talk
		talk.Agree(&event.Handshake{Protocol: event.Some(name)})
		if a := talk.Read(&Message{Opcode: event.OpText, First: []byte(`{"jsonrpc":"2.0","method":"a"}`), Length: 30}, true); a != nil {
			t.Errorf("behind the subprotocol %s something is read as %s", name, shown(a))
		}
	}
}
