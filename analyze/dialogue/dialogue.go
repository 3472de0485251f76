// Package dialogue makes captures out of readable scripts, for tests: who says what, in which order, with what pauses.
//
// A script is a txtar archive. Its comment tells its purpose and holds lines "key: value":
//
//	expect: a b                               the findings that it must raise, by name, and no other
//	conn 2: 10.0.0.1:4000 > 10.0.0.2:80       the ends of a connection
//	sight 2: 192.0.2.1:1025 > 10.0.0.2:80     captured once more, with these ends, behind a translation of addresses
//	captured: client                          only this side's packets were captured
//	captured: midstream                       the TCP handshakes were not
//	allow-origin: app.example.net             the origins that the user expects (SEC-01)
//	policy-origin: app.example.net            the origins that the user's policy allows (POL-01)
//	policy-subprotocol: chat.v2               the subprotocols that it requires (POL-02)
//
// Its files are what happens, in order; their names are words, of which a number names the connection (1 if there is
// none):
//
//	client, server          the text, its lines ended by CR LF and followed by an empty line: a head
//	client lf, server lf    likewise, with bare LF
//	client lines            lines ended by CR LF, a piece of a head
//	client text             the text as it stands, without its last line end
//	client hex              octets in hex
//	client frames           WebSocket frames, one a line, see Frames
//	client window 0         an acknowledgement with this window
//	client h2               frames of HTTP/2, one a line, see http2Lines
//	client fin, server rst  the end of a direction, or of the connection; a first RST of the server refuses it
//	pause 60s               time passes
//	open                    the TCP handshake, where it must come before other connections speak
//
// In a head "{accept}" stands for the answer to the last Sec-WebSocket-Key of its connection, "{accept N}" for that of
// connection N. Further words: "joined" keeps a part in the segment of the part before it; "early" lets it go out
// before what the other side said last is acknowledged; "lost" keeps it out of the capture, though it was sent and
// acknowledged; "late" puts it there behind what is said next, though it was sent and acknowledged before; "again"
// sends it in the place of what the same side said last, as a retransmission; "unacknowledged" has the other side not
// acknowledge it.
package dialogue

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Script is a dialogue ready to be turned into packets.
type Script struct {
	Purpose      string
	Expect       []string
	AllowOrigins []string
	// What a policy for all hosts allows.
	PolicyOrigins, PolicySubprotocols []string
	MaxSegment                        int // octets of data in a packet; 0 means 1460
	steps                             []step
	conns                             map[int]*conn
	unseen                            [2]bool // sides whose packets were not captured
}

type step struct {
	conn   int
	from   int // 0 client, 1 server
	data   []byte
	fin    bool
	rst    bool
	open   bool
	joined bool
	early  bool
	lost   bool
	late   bool
	again  bool
	deaf   bool // the other side does not acknowledge it
	window int  // of a packet without data, -1 for none
	pause  time.Duration
}

type conn struct {
	ends    [2]netip.AddrPort
	sights  [][2]netip.AddrPort // further places where it was captured
	key     string
	framers [2]*framer
	bare    bool // no TCP handshake
}

// Parse reads a script.
func Parse(text []byte) (*Script, error) {
	a := txtar.Parse(text)
	s := &Script{conns: make(map[int]*conn)}
	midstream := false
	for _, line := range strings.Split(string(a.Comment), "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		word, number, _ := strings.Cut(key, " ")
		var err error
		switch {
		case key == "expect":
			s.Expect = append(s.Expect, strings.Fields(value)...)
		case key == "allow-origin":
			s.AllowOrigins = append(s.AllowOrigins, strings.Fields(value)...)
		case key == "policy-origin":
			s.PolicyOrigins = append(s.PolicyOrigins, strings.Fields(value)...)
		case key == "policy-subprotocol":
			s.PolicySubprotocols = append(s.PolicySubprotocols, strings.Fields(value)...)
		case line == "captured: midstream":
			midstream = true
		case line == "captured: client":
			s.unseen[1] = true
		case line == "captured: server":
			s.unseen[0] = true
		case word == "conn" && isNumber(number):
			n, _ := strconv.Atoi(number)
			s.conn(n).ends, err = ends(value)
		case word == "sight" && isNumber(number):
			n, _ := strconv.Atoi(number)
			var sight [2]netip.AddrPort
			sight, err = ends(value)
			s.conn(n).sights = append(s.conn(n).sights, sight)
		case strings.TrimSpace(line) != "":
			s.Purpose += strings.TrimSpace(line) + "\n"
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "want") {
			continue
		}
		if err := s.part(f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	for _, c := range s.conns {
		c.bare = midstream
	}
	return s, nil
}

// ends reads "10.0.0.1:4000 > 10.0.0.2:80": the client's end, then the server's.
func ends(text string) (e [2]netip.AddrPort, err error) {
	client, server, _ := strings.Cut(text, ">")
	for i, end := range []string{client, server} {
		if e[i], err = netip.ParseAddrPort(strings.TrimSpace(end)); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (s *Script) conn(n int) *conn {
	c := s.conns[n]
	if c == nil {
		c = &conn{ends: [2]netip.AddrPort{
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}), uint16(50000+n)),
			netip.MustParseAddrPort("10.0.1.1:80")}}
		c.framers = [2]*framer{newFramer(true), newFramer(false)}
		s.conns[n] = c
	}
	return c
}

func (s *Script) part(f txtar.File) error {
	st := step{conn: 1, window: -1}
	form := "head"
	for _, w := range strings.Fields(f.Name) {
		n, err := strconv.Atoi(w)
		switch {
		case err == nil && form == "window" && st.window < 0:
			st.window = n
		case err == nil:
			st.conn = n
		case w == "client":
			st.from = 0
		case w == "server":
			st.from = 1
		case w == "fin":
			st.fin, form = true, ""
		case w == "rst":
			st.rst, form = true, ""
		case w == "open":
			st.open, form = true, ""
		case w == "joined":
			st.joined = true
		case w == "early":
			st.early = true
		case w == "lost":
			st.lost = true
		case w == "late":
			st.late = true
		case w == "again":
			st.again = true
		case w == "unacknowledged":
			st.deaf = true
		case w == "window":
			form = "window"
		case w == "pause":
			form = ""
		case form == "" && st.pause == 0:
			if st.pause, err = time.ParseDuration(w); err != nil {
				return err
			}
		case w == "lf" || w == "lines" || w == "text" || w == "hex" || w == "frames" || w == "h2":
			form = w
		default:
			return fmt.Errorf("the word %q is not known", w)
		}
	}
	c := s.conn(st.conn)
	text := string(f.Data)
	var err error
	switch form {
	case "head":
		st.data = []byte(strings.ReplaceAll(strings.TrimRight(s.fill(c, text), "\n"), "\n", "\r\n") + "\r\n\r\n")
	case "lines":
		st.data = []byte(strings.ReplaceAll(strings.TrimRight(s.fill(c, text), "\n")+"\n", "\n", "\r\n"))
	case "lf":
		st.data = []byte(strings.TrimRight(s.fill(c, text), "\n") + "\n\n")
	case "text":
		st.data = []byte(strings.TrimSuffix(s.fill(c, text), "\n"))
	case "hex":
		st.data, err = hex.DecodeString(strings.Join(strings.Fields(text), ""))
	case "h2":
		st.data, err = http2Lines(text, c.framers[st.from].frame)
	case "frames":
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if strings.TrimSpace(line) == "segment" {
				s.steps = append(s.steps, st)
				st.data, st.joined = nil, false
				continue
			}
			b, err := c.framers[st.from].frame(line)
			if err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
			st.data = append(st.data, b...)
		}
	}
	s.steps = append(s.steps, st)
	return err
}

var (
	keyLine  = regexp.MustCompile(`(?im)^Sec-WebSocket-Key:[ \t]*(\S+)`)
	answerTo = regexp.MustCompile(`\{accept( \d+)?\}`)
)

// fill remembers a key and puts answers in place.
func (s *Script) fill(c *conn, text string) string {
	if m := keyLine.FindStringSubmatch(text); m != nil {
		c.key = m[1]
	}
	return answerTo.ReplaceAllStringFunc(text, func(m string) string {
		key := c.key
		if n, err := strconv.Atoi(strings.Trim(m, "{}acept ")); err == nil {
			key = s.conn(n).key
		}
		sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		return base64.StdEncoding.EncodeToString(sum[:])
	})
}
