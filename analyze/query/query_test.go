package query

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
)

func conn(ordinal uint64) *event.Conn {
	return &event.Conn{Ordinal: ordinal, Peer: [2]netip.AddrPort{netip.MustParseAddrPort("10.1.2.3:4000"), netip.MustParseAddrPort("[2001:db8::7]:443")}}
}

func head(status int, fields ...string) *event.Head {
	h := &event.Head{Method: "GET", Target: "/chat", Version: "HTTP/1.1", Status: status, Reason: "Why", Last: event.At{Number: 4, Time: 1e9}}
	for i := 0; i < len(fields); i += 2 {
		h.Add(event.Field{Name: fields[i], Value: fields[i+1]})
	}
	return h
}

// story is a refused attempt, one whose answer was not captured, and a conversation. Each event has a name.
func story(to event.Receiver) {
	refused, silent, talk := conn(1), conn(2), conn(3)
	answer := head(403)
	answer.Last.Time = 1e9 + 7e6
	mismatch := &event.Finding{Conn: talk, At: event.At{Number: 7}, Name: "accept-mismatch", ID: "RSP-06", Level: event.Error, Fault: event.ServerFault, Text: "wrong"}
	to.Handshake(&event.Handshake{Conn: refused, At: event.At{Number: 5, Time: 1_714_557_600e9}, Request: head(0, "Host", "a.example", "Origin", "https://o.example"),
		Response: answer, Verdict: event.Refused, Transport: "http/1.1"})
	to.Handshake(&event.Handshake{Conn: silent, At: event.At{Number: 6, Time: event.NoTime}, Request: head(0, "Host", "b.example"), Verdict: event.Incomplete, TLS: true,
		SNI: event.Some("b.example")})
	to.Caveat(&event.Caveat{Name: "encrypted", Text: "of the run"})
	to.Handshake(&event.Handshake{Conn: talk, At: event.At{Number: 7}, Request: head(0, "Host", "c.example"), Response: head(101), Verdict: event.Invalid,
		AcceptValid: event.Some(false), Protocol: event.Some("chat"), ProtocolsOffered: event.Some([]string{"chat", "v2"}), Deflate: &event.Deflate{WindowBits: [2]int{15, 12}},
		Findings: []*event.Finding{mismatch}})
	to.Finding(mismatch)
	to.Message(&event.Message{Conn: talk, At: event.At{Number: 8}, From: event.Client, Opcode: event.OpText, Length: event.Some(uint64(2000)), Kind: "json",
		Payload: event.Payload{Kept: true, Text: true, Data: []byte(`{"user":"x"}`)}})
	to.Message(&event.Message{Conn: talk, At: event.At{Number: 9}, From: event.Server, Opcode: event.OpBinary})
	to.Frame(&event.Frame{Conn: talk, At: event.At{Number: 10}, From: event.Server, Header: event.Header{FIN: true, Opcode: event.OpClose}, Code: event.Some(uint16(1006)), Reason: event.Some("gone")})
	to.Connection(&event.Connection{Conn: talk, At: event.At{Number: 11}, Duration: 3e9, Ended: event.EndedReset, Findings: []string{"accept-mismatch"},
		Close: &event.Close{From: event.Server, Code: event.Some(uint16(1006)), Answered: true}})
	to.Summary(&event.Summary{})
}

// seen notes the packets of the events that pass; caveats and the summary are told apart.
type seen struct {
	event.Ignore
	packets []uint64
	others  string
}

func (s *seen) Handshake(e *event.Handshake)   { s.packets = append(s.packets, e.At.Number) }
func (s *seen) Frame(e *event.Frame)           { s.packets = append(s.packets, e.At.Number) }
func (s *seen) Message(e *event.Message)       { s.packets = append(s.packets, e.At.Number) }
func (s *seen) Connection(e *event.Connection) { s.packets = append(s.packets, e.At.Number) }
func (s *seen) Finding(e *event.Finding)       { s.packets = append(s.packets, 100) }
func (s *seen) Caveat(*event.Caveat)           { s.others += "c" }
func (s *seen) Summary(*event.Summary)         { s.others += "s" }

func ask(t *testing.T, source string) *seen {
	t.Helper()
	q, err := Compile(source)
	if err != nil {
		t.Errorf("%s: %v", source, err)
		return new(seen)
	}
	s := new(seen)
	story(q.To(s, func() []string { return []string{"one.pcap"} }))
	if q.Err() != nil {
		t.Errorf("%s: %v", source, q.Err())
	}
	return s
}

func TestSelection(t *testing.T) {
	for source, want := range map[string][]uint64{
		`true`:                                         {5, 6, 7, 100, 8, 9, 10, 11},
		`status == 403`:                                {5},
		`status != 101`:                                {5}, // not the attempt whose answer was not seen
		`not (status == 101)`:                          {5}, // what is unknown is not false
		`!(status == 101 || status == 102)`:            {5},
		`!(status == 403 && conn == 1)`:                {6, 7, 100, 8, 9, 10, 11},
		`status not in [101, 403]`:                     nil,
		`(status == 101) == false`:                     {5},
		`(status ?? 0) == 0`:                           {6},
		`(status == nil) == true`:                      {6},
		`!!(status == 403)`:                            {5},
		`not (text contains "x")`:                      {100},
		`origin not contains "x" && type == "message"`: nil,
		`len(protocols_offered) == 0`:                  nil,
		`protocols_offered == nil`:                     {5, 6},
		`protocols_offered == []`:                      nil,
		`!fin`:                                         nil,
		`!complete && type == "frame"`:                 {10},
		`close == nil && type == "connection"`:         nil,
		`close.code != 1000`:                           {11},
		`close.reason == ""`:                           nil, // it was not seen
		`close.reason == nil && type == "connection"`:  {11},
		`not close.answered`:                           nil,
		`let h = host; h != "a.example"`:               {6, 7, 100, 8, 9, 10, 11},
		`let s = status == 101; not s`:                 {5},
		`status != 403 ? false : true`:                 {5},
		`conn * 2 > 5 && !tls`:                         {7, 100, 8, 9, 10, 11},
		`length + 1 > 0`:                               {8, 10},
		`not (length > 1000)`:                          {10},
		`finding startsWith "accept"`:                  {7, 100, 8, 9, 10, 11},
		`finding in ["accept-mismatch"]`:               {7, 100, 8, 9, 10, 11},
		`finding matches "^zzz" || conn == 2`:          {6},
		`any(request_headers, #[0] == "Host" && #[1] startsWith "a.")`: {5},
		`client in ["10.1.2.3:4000", "1.0.0.0/8"] && packet < 7`:       {5, 6},
		`client not in "10.0.0.0/8"`:                                   nil,
		`client in "::ffff:10.0.0.0/104" && packet < 7`:                {5, 6},
		`server == "[2001:db8::7]" && packet < 7`:                      {5, 6},
		`server == "[2001:DB8::7]:443" && packet < 7`:                  {5, 6},
		`server not in ["2001:db8::/32"]`:                              nil,
		`time > "2024-05" && time < "2024-06"`:                         {5},
		`time >= "2024" && not (time >= "2025")`:                       {5},
		`time == "2024-05-01 10:00:00"`:                                {5},
		`time == "2024-05-01T12:00+02:00"`:                             {5},
		`time == "2024-05-01"`:                                         {5},
		`time == "2024-05" && time != "2024-05-02"`:                    {5},
		`time == "2024-05-01T10:00:00.000"`:                            {5},
		`time == "2024-05-01 10:00:00.001" || time != "2024"`:          {7, 100, 8, 9, 10, 11},
		`let day = time == "2024-05-01"; day == true`:                  {5},
		`text matches "USER|user"`:                                     {8},
		`status == nil`:                                                {6},
		`status >= 400 or tls`:                                         {5, 6},
		`tls`:                                                          {6},
		`!tls && type == "handshake"`:                                  {5, 7},
		`accept_valid`:                                                 nil,
		`accept_valid == false`:                                        {7, 100, 8, 9, 10, 11},
		`host == "c.example"`:                                          {7, 100, 8, 9, 10, 11},
		`host endsWith ".example" && status < 3`:                       nil,
		`verdict in ["refused", "incomplete"]`:                         {5, 6},
		`origin contains "o.example"`:                                  {5},
		`from == "client"`:                                             {8},
		`opcode == "text" and length > 1000`:                           {8},
		`length <= 0`:                                                  {10}, // the binary message has a length that is not known
		`opcode != "text"`:                                             {9, 10},
		`kind == "json"`:                                               {8},
		`text contains "user" && host == "c.example"`:                  {8},
		`code == 1006`:                                                 {10, 11},
		`close_code > 1000`:                                            {10, 11},
		`close.code == 1006 && close.answered`:                         {11},
		`close.answered`:                                               {11},
		`finding == "accept-mismatch"`:                                 {7, 100, 8, 9, 10, 11},
		`finding != "accept-mismatch"`:                                 {5, 6},
		`"accept-mismatch" in findings`:                                {7, 100, 8, 9, 10, 11},
		`any(findings, # startsWith "acc")`:                            {7, 100, 8, 9, 10, 11},
		`len(findings) == 0`:                                           {5, 6},
		`level == "error"`:                                             {100},
		`fault == "server" and id == "RSP-06"`:                         {100},
		`client in "10.0.0.0/8" && packet < 7`:                         {5, 6},
		`client == "10.1.2.3" && packet < 7`:                           {5, 6},
		`client == "10.1.2.3:4000" && packet < 7`:                      {5, 6},
		`client != "10.1.2.3"`:                                         nil,
		`server in ["192.168.0.0/16", "2001:db8::/32"] && conn == 1`:   {5},
		`in_network(server, "2001:db8::/32") && conn == 2`:             {6},
		`time >= "2024-05-01T10:00:00Z"`:                               {5},
		`time > "2024-05-01" && time < "2024-05-02"`:                   {5},
		`latency_us > "5ms"`:                                           {5},
		`latency_us > 5000`:                                            {5},
		`duration_us == "3s"`:                                          {11},
		`"v2" in protocols_offered`:                                    {7, 100, 8, 9, 10, 11},
		`deflate.server_max_window_bits == 12`:                         {7, 100, 8, 9, 10, 11},
		`sni matches "^B|b[.]"`:                                        {6},
		`ended == "reset"`:                                             {11},
		`file == "one.pcap" && fin`:                                    {10},
		`let h = host; h == "a.example"`:                               {5},
		`status == 403 ? true : tls`:                                   {5}, // of the other, whether it is 403 is not known
	} {
		got := ask(t, source)
		if !slices.Equal(got.packets, want) {
			t.Errorf("%s takes %v, want %v", source, got.packets, want)
		}
		if got.others != "cs" {
			t.Errorf("%s: of the caveat of the run and the summary passes %q", source, got.others)
		}
	}
}

func TestFaults(t *testing.T) {
	for source, want := range map[string]string{
		``:                                 `column 1: there is no expression`,
		`hots == "a"`:                      `column 1: there is no name "hots"; did you mean host?`,
		`status == 101 && verdit == "x"`:   `column 18: there is no name "verdit"; did you mean verdict?`,
		`zzzzzzzzzzzzz`:                    `column 1: there is no name "zzzzzzzzzzzzz"`,
		`verdict == "refusd"`:              `column 12: verdict is never "refusd", it is one of established, refused, invalid, incomplete, other-upgrade; did you mean refused?`,
		`verdict in ["invalid", "refuse"]`: `column 24: verdict is never "refuse"`,
		`finding == "accept-mismach"`:      `column 12: finding is never "accept-mismach"; did you mean accept-mismatch?`,
		`"x" in findings`:                  `column 1: findings is never "x"`,
		`status == "101"`:                  `column 8: `,
		`status +`:                         `column 8: `,
		`status == `:                       `column 10: the expression ends too early`,
		`verdict == "a`:                    `a text lacks its closing quote`,
		`(status == 1))`:                   `")" is not expected here`,
		`status`:                           `column 1: status is neither true nor false`,
		`tls && host`:                      `column 8: host is neither true nor false`,
		`1`:                                `column 1: the whole is of type int`,
		`let h = 5; h`:                     `mismatched types int and bool`,
		`opcode == text`:                   `column 11: the word of opcode is written in quotes: "text"`,
		`opcode in [binary]`:               `column 12: the word of opcode is written in quotes: "binary"`,
		`latency_us > 5ms`:                 `a duration is a text: latency_us > "5ms"`,
		`from = "client"`:                  `column 6: "=" is no comparison; equal is ==`,
		`client == "localhost"`:            `column 11: "localhost" is no address or network`,
		`client in ["10.0.0.0/8", "b"]`:    `column 26: "b" is no address or network`,
		`host > 5`:                         `column 6: `,
		`client in "10.0.0/8"`:             `column 11: "10.0.0/8" is no address or network`,
		`time > "yesterday"`:               `column 8: "yesterday" is no time`,
		`latency_us > "5 parsecs"`:         `column 14: "5 parsecs" is no duration`,
		`host matches "("`:                 `column 6: missing closing )`,
		`close.kode == 1`:                  `kode`,
		`now() > time`:                     `now`,
	} {
		_, err := Compile(source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", source, err, want)
		}
	}
}

func TestOnly(t *testing.T) {
	for _, word := range append(Shorts(), checkNames()...) {
		source, err := Only([]string{word})
		if err != nil {
			t.Error(err)
		}
		if _, err := Compile(source); err != nil {
			t.Errorf("%s is %s: %v", word, source, err)
		}
	}
	source, err := Only([]string{"refused", "text"})
	if got := ask(t, source); err != nil || !slices.Equal(got.packets, []uint64{5, 8}) {
		t.Errorf("%s takes %v, %v", source, got.packets, err)
	}
	if _, err := Only([]string{"refusd"}); err == nil || !strings.Contains(err.Error(), `did you mean refused?`) {
		t.Error(err)
	}
}

// Names and words that only some kinds of events have ask for those.
func TestBrings(t *testing.T) {
	usual := event.AllKinds &^ (event.KindFrame | event.KindMessage | event.KindConnection)
	for source, want := range map[string]event.Kinds{
		`verdict == "refused"`:           0,
		`text contains "x"`:              event.KindMessage,
		`from == "client" && status > 1`: event.KindMessage,
		`opcode in ["ping", "pong"]`:     event.KindFrame,
		`opcode == "text" && fin`:        event.KindFrame,
		`type == "connection"`:           event.KindConnection,
		`close.code == 1006`:             event.KindConnection,
		`code == 1006 || kind == "json"`: event.KindConnection | event.KindMessage,
	} {
		q, err := Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := q.Brings(usual); got != want {
			t.Errorf("%s brings %v, want %v", source, got, want)
		}
	}
	q, err := Compile(`length > 5`)
	if err != nil || q.Brings(usual|event.KindFrame) != 0 {
		t.Errorf("frames have lengths: %v", err)
	}
}

// A finding may come behind the end of its connection, and is then still of its handshake.
func TestFindingBehindTheEnd(t *testing.T) {
	q, err := Compile(`status == 403`)
	if err != nil {
		t.Fatal(err)
	}
	s := new(seen)
	r := q.To(s, nil)
	r.Handshake(&event.Handshake{Conn: conn(1), At: event.At{Number: 1}, Response: head(403)})
	r.Connection(&event.Connection{Conn: conn(1), At: event.At{Number: 2}})
	r.Finding(&event.Finding{Conn: conn(1), Name: "handshake-refused"})
	r.Finding(&event.Finding{Conn: conn(2), Name: "handshake-refused"})
	if !slices.Equal(s.packets, []uint64{1, 2, 100}) {
		t.Errorf("taken: %v", s.packets)
	}
}

// A text of which only the beginning is there may have what is asked for behind it: that is said.
func TestTextTooLong(t *testing.T) {
	q, err := Compile(`text contains "x"`)
	if err != nil {
		t.Fatal(err)
	}
	s := new(seen)
	r := q.To(s, nil)
	for _, text := range []string{"a", "x"} {
		r.Message(&event.Message{Conn: conn(1), Payload: event.Payload{Kept: true, Text: true, Truncated: true,
			Data: []byte(text)}})
	}
	summary := new(event.Summary)
	r.Summary(summary)
	if len(s.packets) != 1 || s.others != "cs" || summary.Caveats["where-limit"] != 1 {
		t.Errorf("%d taken, then %q, caveats %v", len(s.packets), s.others, summary.Caveats)
	}
}

// Of conversations that are over the last ones are kept.
func TestMemory(t *testing.T) {
	q, err := Compile(`host == "a"`)
	if err != nil {
		t.Fatal(err)
	}
	r := q.To(event.Ignore{}, nil)
	for i := range uint64(3 * endedMost) {
		r.Handshake(&event.Handshake{Conn: conn(i), Request: head(0)})
		r.Connection(&event.Connection{Conn: conn(i)})
	}
	if len(r.handshakes) != endedMost {
		t.Errorf("%d handshakes are kept", len(r.handshakes))
	}
	if q, _ = Compile(`opcode == "text"`); q.To(event.Ignore{}, nil).handshakes != nil {
		t.Error("handshakes are kept that are not asked for")
	}
}

// Whatever an expression is, compiling and asking it does not fail in another way than by an error.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`status == 403`, `client in ["10.0.0.0/8"]`, `let x = close; x.code == 1`, `any(findings, # == host)`, `{"a": tls}.a`, `time == nil ? tls : fin`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if q, err := Compile(source); err == nil {
			story(q.To(event.Ignore{}, nil))
		}
	})
}

// The help has every name once and no other, its examples can be compiled, and no part is longer than a screen.
func TestHelp(t *testing.T) {
	const lines = 24
	listed := make(map[string]bool)
	for _, topic := range Help() {
		if len(topic.Examples) > lines-2 {
			t.Errorf("%s: %d lines", topic.Title, len(topic.Examples))
		}
		for _, e := range topic.Examples {
			q, err := Compile(e.Expression)
			if err != nil {
				t.Errorf("%s: %v", e.Expression, err)
				continue
			}
			if len(e.Expression) > 56 {
				t.Errorf("%s does not fit beside its name", e.Expression)
			}
			if topic.Title == "Operators" {
				continue
			}
			used := e.What
			if used == "finding" {
				used = "findings"
			}
			if listed[e.What] || !q.Uses(used) {
				t.Errorf("%s: %s", e.What, e.Expression)
			}
			listed[e.What] = true
		}
	}
	for _, name := range Names() {
		if !listed[name] {
			t.Errorf("%s is missing", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("there is no name %s", name)
	}
}
