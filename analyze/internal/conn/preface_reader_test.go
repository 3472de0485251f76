package conn

import (
	"fmt"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/preface"
)

// said is what one side sends next.
type said struct {
	side   event.Side
	octets string
}

// v2 is a PROXY header of version 2 for TCP over IPv4 from 203.0.113.9:51000 to 10.0.0.9:3000.
func v2(command byte, more string) string {
	block := "\xcb\x00\x71\x09\x0a\x00\x00\x09\xc7\x38\x0b\xb8" + more
	return "\r\n\r\n\x00\r\nQUIT\n" + string([]byte{0x20 | command, 0x11, 0, byte(len(block))}) + block
}

var prefaces = []struct {
	name  string
	said  []said
	taken [2]int // octets of the preface by side
	told  string // "" where there is none
}{
	{"v1", []said{{0, "PROXY TCP4 203.0.113.9 10.0.0.9 51000 3000\r\nGET /"}}, [2]int{44, 0},
		"proxy-v1 203.0.113.9:51000 10.0.0.9:3000"},
	{"v1 of IPv6", []said{{0, "PROXY TCP6 2001:db8::9 2001:db8::1 51000 443\r\n\x16\x03\x01"}}, [2]int{46, 0},
		"proxy-v1 [2001:db8::9]:51000 [2001:db8::1]:443"},
	{"v1 unknown", []said{{0, "PROXY UNKNOWN\r\nGET /"}}, [2]int{15, 0}, "proxy-v1 ? "},
	{"v1 with a bare LF", []said{{0, "PROXY TCP4 203.0.113.9 10.0.0.9 51000 3000\nGET /"}}, [2]int{43, 0},
		"proxy-v1 203.0.113.9:51000 10.0.0.9:3000"},
	{"v1 with a bad address", []said{{0, "PROXY TCP4 203.0.113 10.0.0.9 51000 3000\r\nGET /"}}, [2]int{}, ""},
	{"v1 without an end", []said{{0, "PROXY TCP4 " + strings.Repeat("1", 200)}}, [2]int{}, ""},
	{"v2", []said{{0, v2(1, "") + "GET /"}}, [2]int{28, 0}, "proxy-v2 203.0.113.9:51000 10.0.0.9:3000"},
	{"v2 with TLVs", []said{{0, v2(1, "\x04\x00\x03abc\x02\x00\x04a.eu") + "\x16\x03\x01"}}, [2]int{41, 0},
		"proxy-v2 203.0.113.9:51000 10.0.0.9:3000"},
	{"v2 local", []said{{0, v2(0, "") + "GET /"}}, [2]int{28, 0}, "proxy-v2 ? "},
	{"v2 of another version", []said{{0, strings.Replace(v2(1, ""), "\n\x21", "\n\x31", 1)}}, [2]int{}, ""},
	{"blank lines and a request", []said{{0, "\r\n\r\nGET / HTTP/1.1"}}, [2]int{}, ""},
	{"socks4", []said{{0, "\x04\x01\x0b\xb8\x0a\x00\x00\x09me\x00"}, {1, "\x00\x5a\x00\x00\x00\x00\x00\x00"},
		{0, "GET /"}}, [2]int{11, 8}, "socks4 ? 10.0.0.9:3000"},
	{"socks4a", []said{{0, "\x04\x01\x0b\xb8\x00\x00\x00\x01\x00a.test\x00"}, {1, "\x00\x5a\x00\x00\x00\x00\x00\x00"},
		{0, "GET /"}}, [2]int{16, 8}, "socks4 ? a.test:3000"},
	{"socks4 refused", []said{{0, "\x04\x01\x0b\xb8\x0a\x00\x00\x09\x00"}, {1, "\x00\x5b\x00\x00\x00\x00\x00\x00"}},
		[2]int{9, 0}, ""},
	{"socks5", []said{{0, "\x05\x01\x00"}, {1, "\x05\x00"}, {0, "\x05\x01\x00\x03\x06a.test\x0b\xb8"},
		{1, "\x05\x00\x00\x01\x0a\x00\x00\x01\x04\x38"}, {0, "GET /"}},
		[2]int{16, 12}, "socks5 ? a.test:3000"},
	{"socks5 with a password", []said{{0, "\x05\x02\x00\x02"}, {1, "\x05\x02"}, {0, "\x01\x02me\x03pwd"},
		{1, "\x01\x00"}, {0, "\x05\x01\x00\x01\x0a\x00\x00\x09\x0b\xb8"},
		{1, "\x05\x00\x00\x04" + strings.Repeat("\x00", 16) + "\x04\x38"}, {0, "GET /"}}, [2]int{22, 26},
		"socks5 ? 10.0.0.9:3000"},
	{"socks5 to listen", []said{{0, "\x05\x01\x00"}, {1, "\x05\x00"}, {0, "\x05\x02\x00\x01\x0a\x00\x00\x09\x0b\xb8"}},
		[2]int{3, 2}, ""},
	{"a TLS hello", []said{{0, "\x16\x03\x01\x02\x00\x01"}}, [2]int{}, ""},
	{"a request", []said{{0, "GET / HTTP/1.1\r\n"}}, [2]int{}, ""},
	{"NDN", []said{{0, "\x05\x25\x07\x15\x08\x07example"}}, [2]int{}, ""},
}

// readPreface gives a Reader what is said in pieces of at most size octets.
func readPreface(dialogue []said, size int) (taken [2]int, r *preface.Reader) {
	r = new(preface.Reader)
	var rest [2]string
	for _, s := range dialogue {
		for p := s.octets; p != "" && !r.None(); {
			n := min(size, len(p))
			rest[s.side], p = rest[s.side]+p[:n], p[n:]
			for rest[s.side] != "" && !r.None() {
				n, v := r.Data(s.side, []byte(rest[s.side]))
				if v != preface.Yes {
					break
				}
				taken[s.side] += n
				rest[s.side] = rest[s.side][n:]
			}
		}
	}
	return taken, r
}

func TestPrefaces(t *testing.T) {
	for _, c := range prefaces {
		for _, size := range []int{1, 7, 1000} {
			taken, r := readPreface(c.said, size)
			told := ""
			if f := r.Told(); f != nil {
				client := "?"
				if f.Client.Known {
					client = f.Client.Value
				}
				told = fmt.Sprintf("%s %s %s", f.Protocol, client, f.Server.Value)
			}
			if told != c.told || taken != c.taken {
				t.Errorf("%s, pieces of %d: %v of %q, want %v of %q", c.name, size, taken, told, c.taken, c.told)
			}
			if c.told != "" && !r.Over() {
				t.Errorf("%s: not over", c.name)
			}
		}
	}
}

// What package preface takes never depends on how the octets were cut, and never is more than there is.
func FuzzPrefaces(f *testing.F) {
	for _, c := range prefaces {
		var client, server string
		for _, s := range c.said {
			if s.side == event.Client {
				client += s.octets
			} else {
				server += s.octets
			}
		}
		f.Add(client, server)
	}
	f.Fuzz(func(t *testing.T, client, server string) {
		dialogue := []said{{event.Client, client}, {event.Server, server}}
		whole, a := readPreface(dialogue, 1<<20)
		cut, b := readPreface(dialogue, 1)
		if whole[0] > len(client) || whole[1] > len(server) {
			t.Fatalf("%v taken", whole)
		}
		if !a.None() && !b.None() && whole != cut {
			t.Fatalf("%v taken whole, %v in octets", whole, cut)
		}
	})
}
