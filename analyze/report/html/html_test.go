package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/redact"
	"wshake/analyze/report"
)

const epoch = 1714557600e9

func at(packet uint64, ms int64) event.At {
	return event.At{Ordinal: packet, Number: packet, Time: epoch + ms*1e6}
}

func conn(ordinal uint64, client, server string) *event.Conn {
	return &event.Conn{Ordinal: ordinal, Peer: [2]netip.AddrPort{netip.MustParseAddrPort(client),
		netip.MustParseAddrPort(server)}}
}

func sent(first, last event.At, line string, fields ...string) *event.Head {
	h := &event.Head{StartLine: line, First: first, Last: last}
	part := strings.SplitN(line, " ", 3)
	if strings.HasPrefix(line, "HTTP/") {
		fmt.Sscan(part[1], &h.Status)
	} else {
		h.Method, h.Target, h.Version = part[0], part[1], part[2]
	}
	for i := 0; i < len(fields); i += 2 {
		h.Add(event.Field{Name: fields[i], Value: fields[i+1]})
	}
	return h
}

// attempt is a handshake of c that began at ms; each text of a peer is s.
func attempt(c *event.Conn, ms int64, key string, verdict event.Verdict, s string) *event.Handshake {
	begin, end := at(c.Ordinal+1, ms), at(c.Ordinal+2, ms+5)
	return &event.Handshake{Conn: c, At: end, Transport: "http/1.1", Request: sent(begin, begin, "GET /"+s+" HTTP/1.1",
		"Host", "a.example", "Cookie", s, "X-"+s, s),
		Response: sent(end, end, "HTTP/1.1 101 "+s, "Server", s), Key: event.Some(key), Protocol: event.Some(s),
		SNI: event.Some(s), Verdict: verdict}
}

func message(c *event.Conn, packet uint64, ms int64, from event.Side, payload string) *event.Message {
	return &event.Message{Conn: c, At: at(packet, ms), First: at(packet, ms), From: from, Opcode: event.OpText,
		Length:     event.Some(uint64(len(payload))),
		WireLength: uint64(len(payload)), Frames: 1, Complete: true, Kind: "json", Payload: event.Payload{Kept: true,
			Text: true, Data: []byte(payload)}}
}

// read takes a page apart again.
func read(t *testing.T, page []byte) (m map[string]any, payloads string) {
	t.Helper()
	part := func(id string) []byte {
		found := regexp.MustCompile(`id="` + id + `">([^<]*)</script>`).FindSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no %s", id)
		}
		packed, err := base64.StdEncoding.DecodeString(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := json.Unmarshal(part("model"), &m); err != nil {
		t.Fatal(err)
	}
	return m, string(part("payloads"))
}

func paged(t *testing.T, o report.Options, l Limits, tell func(event.Receiver)) []byte {
	t.Helper()
	var b bytes.Buffer
	p := New(&b, o, 100, l)
	tell(p)
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tell(to event.Receiver) {
	front, back := conn(1, "10.0.0.1:4000", "10.0.0.2:80"), conn(9, "10.0.0.2:5000", "10.0.0.3:9000")
	behind := attempt(back, 2, "k", event.Established, "x")
	behind.OtherLeg = &event.OtherLeg{Conn: front, Role: event.DownstreamLeg}
	to.Handshake(behind)
	h := attempt(front, 0, "k", event.Established, "x")
	h.Response.First, h.Response.Last = at(12, 9), at(12, 9)
	h.OtherLeg = &event.OtherLeg{Conn: back, Role: event.UpstreamLeg}
	to.Handshake(h)
	for i := range 10 {
		to.Message(message(front, uint64(20+i), int64(20+10*i), event.Side(i%2), fmt.Sprintf(`{"n":%d}`, i)))
	}
	to.Frame(&event.Frame{Conn: front, At: at(40, 200), First: at(40, 200), From: event.Server, Complete: true,
		Header: event.Header{FIN: true, Opcode: event.OpClose, Length: 5, Size: 2}, Code: event.Some(uint16(1000)),
		Reason: event.Some("bye")})
	to.Finding(&event.Finding{Conn: front, At: at(2, 0), ID: "REQ-05", Name: "upgrade-missing", Level: event.Error,
		Text: "it is missing", Advice: "add it"})
	to.Caveat(&event.Caveat{Conn: front, At: at(21, 30), Name: "gap", Text: "12 octets were not captured",
		Bytes: event.Some(uint64(12))})
	to.Connection(&event.Connection{Conn: front, At: at(41, 210), WebSocket: true, Packets: 41, Bytes: 4000,
		Duration: 210e6, Ended: event.EndedFIN})
	to.Summary(&event.Summary{Packets: 41, Bytes: 4000, FirstTime: event.Some(int64(epoch)),
		LastTime: event.Some(int64(epoch + 210e6)), Elapsed: time.Now().UnixNano()})
}

// Every source file is joined, none holds what would end its element, and the policy names exactly what is there.
func TestSources(t *testing.T) {
	for _, kind := range []struct {
		dir, ending string
		names       []string
	}{{"page/js", ".js", scripts}, {"page/css", ".css", styles}} {
		files, err := fs.ReadDir(sources, kind.dir)
		if err != nil || len(files) != len(kind.names) {
			t.Errorf("%s: %d files, %d joined (%v)", kind.dir, len(files), len(kind.names), err)
		}
		for _, f := range files {
			if !slices.Contains(kind.names, strings.TrimSuffix(f.Name(), kind.ending)) {
				t.Errorf("%s is not joined", path.Join(kind.dir, f.Name()))
			}
		}
	}
	script, style := Source()
	for _, banned := range []string{"</script", "<!--", "innerHTML", "outerHTML", "insertAdjacentHTML",
		"document.write", "eval(", "new Function", "setAttribute(\"on", "http://", "https://", "XMLHttpRequest",
		"WebSocket("} {
		if i := strings.Index(script, banned); i >= 0 && !strings.HasPrefix(script[i:], "http://www.w3.org/2000/svg") {
			t.Errorf("the script has %q", banned)
		}
	}
	if strings.Count(script, "fetch(") != 1 || !strings.Contains(script, `fetch("c/" + c)`) {
		t.Error("the script fetches something else than what Server serves")
	}
	if strings.Contains(style, "</style") || strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet ends its element or loads something")
	}
	page := string(paged(t, report.Options{}, Limits{}, tell))
	if !strings.Contains(page, policy(script, style)) || !strings.Contains(page, "<script>"+script+"</script>") ||
		!strings.Contains(page, "<style>"+style+"</style>") {
		t.Error("the policy's hashes are not those of the page's own script and style")
	}
	if strings.Contains(page, "{{") && strings.Contains(page, "}}\"") {
		t.Error("a place of the template was not filled in")
	}
	if n := len(regexp.MustCompile(` on[a-z]+=`).FindAllString(strings.Replace(page, script, "", 1), -1)); n > 0 {
		t.Errorf("%d inline handlers", n)
	}
}

func TestPageHoldsWhatWasTold(t *testing.T) {
	m, payloads := read(t, paged(t, report.Options{Names: func() []string { return []string{"/tmp/a/b.pcap"} }},
		Limits{}, tell))
	if got := fmt.Sprint(m["files"]); got != "[b.pcap]" {
		t.Errorf("files %s", got)
	}
	if m["base"] != fmt.Sprint(int64(epoch)) {
		t.Errorf("base %v", m["base"])
	}
	if got := fmt.Sprint(m["legs"]); got != "[[1 0]]" {
		t.Errorf("legs %s", got)
	}
	items := m["items"].(map[string]any)
	if n := len(items["c"].([]any)); n != 11 {
		t.Errorf("%d items", n)
	}
	if got := fmt.Sprint(items["closes"]); !strings.Contains(got,
		"10:map[answered:false code:1000 from:server reason:bye]") {
		t.Errorf("closes %s", got)
	}
	if want := `{"n":0}{"n":1}`; !strings.HasPrefix(payloads, want) {
		t.Errorf("payloads %q", payloads)
	}
	c := m["connections"].([]any)
	if got := fmt.Sprint(c[1].(map[string]any)["gaps"]); len(c) != 2 || got != "[[3e+07 12 21]]" {
		t.Errorf("%d connections, gaps %s", len(c), got)
	}
	if fmt.Sprint(m["rest"]) != "map[connections:0 findings:0 handshakes:0 heads:0 hosts:0 items:0 payloads:0 words:0]" {
		t.Errorf("rest %v", m["rest"])
	}
}

// Same events, same bytes: how long the run took is not in the page.
func TestSameEventsSamePage(t *testing.T) {
	first := paged(t, report.Options{}, Limits{}, tell)
	for range 5 {
		if !bytes.Equal(first, paged(t, report.Options{}, Limits{}, tell)) {
			t.Fatal("pages differ")
		}
	}
}

// What is beyond a limit is counted, and drawn as density where it is a message.
func TestLimits(t *testing.T) {
	m, payloads := read(t, paged(t, report.Options{}, Limits{Items: 4, Handshakes: 2, Connections: 3, Findings: 2,
		Payload: 20, Heads: 200, Words: 5}, func(to event.Receiver) {
		for i := range uint64(6) {
			c := conn(10*i+1, "10.0.0.1:4000", "10.0.0.2:80")
			verdict := event.Established
			if i >= 4 {
				verdict = event.Refused
			}
			to.Handshake(attempt(c, int64(i), "k", verdict, "xxxxxxxxxx"))
			said := message(c, 10*i+5, int64(100*i), event.Client, `{"a":"bcd"}`)
			said.App = &event.App{Protocol: "json-rpc", Text: "call"}
			to.Message(said)
			to.Finding(&event.Finding{Conn: c, At: at(1, 0), Name: "n", Level: event.Note})
		}
		for range 3 {
			to.Message(message(conn(1, "10.0.0.1:4000", "10.0.0.2:80"), 100, 1000, event.Server, "late"))
		}
		to.Summary(&event.Summary{})
	}))
	want := "map[connections:0 findings:4 handshakes:4 heads:1 hosts:0 items:5 payloads:3 words:2]"
	if got := fmt.Sprint(m["rest"]); got != want {
		t.Errorf("rest\ngot  %s\nwant %s", got, want)
	}
	if payloads != `{"a":"bcd"}` {
		t.Errorf("payloads %q", payloads)
	}
	var verdicts []string
	for _, h := range m["handshakes"].([]any) {
		verdicts = append(verdicts, h.(map[string]any)["verdict"].(string))
	}
	if fmt.Sprint(verdicts) != "[established refused]" {
		t.Errorf("listed %v: successes crowd failures out", verdicts)
	}
	late := m["connections"].([]any)[0].(map[string]any)
	if fmt.Sprint(late["unlisted"]) != "2" || late["density"] == nil {
		t.Errorf("late messages are not drawn: %v", late)
	}
}

// However long a capture is, a density keeps its size and its sum.
func TestDensity(t *testing.T) {
	d := newDensity(8)
	for i := range int64(1000) {
		d.message(epoch+i*i*1e6, int(i%2), 2000)
	}
	m := d.model(epoch)
	sum := uint32(0)
	for i := range m.Client {
		sum += m.Client[i] + m.Server[i]
	}
	if len(m.Client) > 8 || sum != 1000 || m.Octets[0][0] == 0 || m.Width < 1e6*1e6/8 {
		t.Errorf("%d buckets of %d ns, sum %d", len(m.Client), m.Width, sum)
	}
	if newDensity(8).model(0) != nil {
		t.Error("an empty density is drawn")
	}
}

const secret = "s3cr3tc00kie-0123456789abcdef"

// With --redact the page has neither cookies nor payloads.
func TestRedact(t *testing.T) {
	tellSecrets := func(to event.Receiver) {
		c := conn(1, "10.0.0.1:4000", "10.0.0.2:80")
		h := attempt(c, 0, "k", event.Established, "x")
		h.Request = sent(at(2, 0), at(2, 0), "GET /?access_token="+secret+" HTTP/1.1", "Host", "a", "Cookie", secret,
			"Authorization", "Bearer "+secret)
		to.Handshake(h)
		to.Message(message(c, 5, 10, event.Client, secret))
		to.Frame(&event.Frame{Conn: c, At: at(6, 20), Header: event.Header{Opcode: event.OpPing},
			Payload: event.Payload{Kept: true, Data: []byte(secret)}})
		to.Frame(&event.Frame{Conn: c, At: at(7, 20), Header: event.Header{Opcode: event.OpClose},
			Code: event.Some(uint16(1000)), Reason: event.Some(secret)})
		to.Connection(&event.Connection{Conn: c, At: at(8, 30), Close: &event.Close{Code: event.Some(uint16(1000)),
			Reason: event.Some(secret)}})
		to.Summary(&event.Summary{})
	}
	for _, hidden := range []bool{false, true} {
		m, payloads := read(t, paged(t, report.Options{Redact: hidden}, Limits{}, func(to event.Receiver) {
			if hidden {
				to = redact.To(to, redact.All)
			}
			tellSecrets(to)
		}))
		model, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if found := strings.Contains(string(model)+payloads, secret); found == hidden {
			t.Errorf("redact %v: the secret is in the page: %v", hidden, found)
		}
	}
}

// What peers wrote is in the page only compressed, and there without a character that acts.
func TestHostile(t *testing.T) {
	const evil = "</script><script>x</script><!--\u202e\u2066\x1b[2J\x00\u0085\ufeff\xff"
	page := paged(t, report.Options{Names: func() []string { return []string{evil} }}, Limits{}, func(to event.Receiver) {
		c := conn(1, "10.0.0.1:4000", "10.0.0.2:80")
		to.Handshake(attempt(c, 0, evil, event.Refused, evil))
		to.Message(message(c, 5, 10, event.Client, evil))
		to.Finding(&event.Finding{Conn: c, At: at(1, 0), Name: "n", Text: evil, Seen: evil, Wanted: evil, Advice: evil})
		to.Caveat(&event.Caveat{Conn: c, At: at(1, 0), Name: "gap", Text: evil})
		to.Frame(&event.Frame{Conn: c, At: at(7, 20), Header: event.Header{Opcode: event.OpClose},
			Code: event.Some(uint16(1000)), Reason: event.Some(evil)})
		to.Connection(&event.Connection{Conn: c, At: at(8, 30), Close: &event.Close{Reason: event.Some(evil)},
			TLS: &event.TLS{SNI: evil, ALPN: evil}})
		to.Summary(&event.Summary{})
	})
	if n := bytes.Count(page, []byte("</script>")); n != 3 {
		t.Errorf("%d scripts end", n)
	}
	m, _ := read(t, page)
	model, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range string(model) {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2066' || r == '\ufeff' || r == '\ufffd' {
			t.Fatalf("the model holds %U", r)
		}
	}
	if strings.Contains(string(model), `\u00`) && strings.Contains(strings.ReplaceAll(string(model), `\\u00`, ""),
		`\u001b`) {
		t.Error("the model holds an escape character")
	}
}

// What a peer makes long takes no memory but that of the heads, which have a limit.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("é", 32<<10)
	m, _ := read(t, paged(t, report.Options{}, Limits{Heads: 1000}, func(to event.Receiver) {
		c := conn(1, "10.0.0.1:4000", "10.0.0.2:80")
		h := attempt(c, 0, long, event.Refused, long)
		h.Request = sent(at(2, 0), at(2, 0), "GET /"+long+" HTTP/1.1", "Host", long)
		h.ProtocolsOffered = event.Some(slices.Repeat([]string{long}, 100))
		to.Handshake(h)
		to.Finding(&event.Finding{Conn: c, At: at(1, 0), Name: "n", Text: long, Seen: long, Wanted: long, Advice: long})
		to.Caveat(&event.Caveat{Conn: c, At: at(1, 0), Name: "gap", Text: long})
		to.Summary(&event.Summary{})
	}))
	model, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(model) > 64<<10 || !strings.Contains(string(model), "octets left out)") {
		t.Errorf("the model has %d octets", len(model))
	}
	if got := shown("ab€", 4); got != "ab… (3 octets left out)" {
		t.Errorf("cut inside a character: %q", got)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrorIsKept(t *testing.T) {
	p := New(failing{}, report.Options{}, 0, Limits{})
	tell(p)
	if p.Flush() != io.ErrShortWrite || p.Err() != io.ErrShortWrite {
		t.Errorf("error %v", p.Err())
	}
}

// A file without times has no latency and no date, and what has no time is counted; what comes before the first known
// time is put there.
func TestTimesThatAreNotKnown(t *testing.T) {
	untimed := event.At{Ordinal: 3, Number: 3, Time: event.NoTime}
	c := conn(1, "10.0.0.1:4000", "10.0.0.2:80")
	said := func(to event.Receiver) {
		h := attempt(c, 0, "k", event.Established, "x")
		h.At, h.Request.First, h.Request.Last, h.Response.First, h.Response.Last = untimed, untimed, untimed, untimed, untimed
		to.Handshake(h)
		m := message(c, 4, 0, event.Client, "first")
		m.At, m.First = untimed, untimed
		to.Message(m)
	}
	m, _ := read(t, paged(t, report.Options{}, Limits{}, said))
	h := m["handshakes"].([]any)[0].(map[string]any)
	if m["base"] != "0" || m["untimed"] == nil || h["latency"] != nil || h["t"] != 0.0 {
		t.Errorf("base %v, untimed %v, latency %v, began %v", m["base"], m["untimed"], h["latency"], h["t"])
	}
	m, _ = read(t, paged(t, report.Options{}, Limits{}, func(to event.Receiver) {
		said(to)
		to.Message(message(c, 5, 1000, event.Server, "second"))
	}))
	times := m["items"].(map[string]any)["t"].([]any)
	if m["base"] != fmt.Sprint(int64(epoch+1000*1e6)) || times[0] != 0.0 || times[1] != 0.0 {
		t.Errorf("base %v, times %v", m["base"], times)
	}
}

// Who stood before the request, the same conversation at another place, and what was not read are in the page.
func TestForwardedCopiesAndUnread(t *testing.T) {
	a, b := conn(1, "10.0.0.1:4000", "10.0.0.2:80"), conn(2, "192.0.2.1:4000", "10.0.0.2:80")
	m, _ := read(t, paged(t, report.Options{}, Limits{}, func(to event.Receiver) {
		h := attempt(a, 0, "k", event.Established, "x")
		h.Forwarded = &event.Forwarded{Protocol: "proxy-v2", Client: event.Some("203.0.113.9:5000")}
		h.OtherLeg = &event.OtherLeg{Conn: b, Role: event.CopyLeg}
		to.Handshake(h)
		to.Summary(&event.Summary{Packets: 12, Unread: []event.Unread{{What: "WireGuard (UDP 51820)", Packets: 9, Bytes: 900}}})
	}))
	h := m["handshakes"].([]any)[0].(map[string]any)
	if f, _ := h["forwarded"].(map[string]any); f["protocol"] != "proxy-v2" || f["client"] != "203.0.113.9:5000" ||
		f["server"] != nil || h["copy_of"] != 2.0 {
		t.Errorf("forwarded %v, copy of %v", f, h["copy_of"])
	}
	u := m["summary"].(map[string]any)["unread"].([]any)[0].(map[string]any)
	if u["what"] != "WireGuard (UDP 51820)" || u["packets"] != 9.0 || u["bytes"] != 900.0 {
		t.Errorf("unread %v", u)
	}
}
