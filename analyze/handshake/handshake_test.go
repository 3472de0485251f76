package handshake

import (
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/reassembly"
)

// kept takes the first head of a stream.
type kept struct{ head *event.Head }

func (k *kept) Head(h *event.Head) http1.Next {
	if k.head == nil {
		k.head = h
	}
	return http1.Switch
}
func (*kept) Body(reassembly.At, uint64, []byte)    {}
func (*kept) Complete(reassembly.At)                {}
func (*kept) Bad(reassembly.At, *event.SyntaxError) {}
func (*kept) Lost(reassembly.At, uint64)            {}

func parse(t testing.TB, kind http1.Kind, lines ...string) *event.Head {
	t.Helper()
	var k kept
	p := http1.New(kind, http1.Limits{}, &k)
	p.Data(reassembly.At{Ordinal: 1}, []byte(strings.Join(lines, "\r\n")+"\r\n\r\n"))
	if k.head == nil {
		t.Fatalf("no head in %q", lines)
	}
	return k.head
}

func request(t testing.TB, fields ...string) *event.Head {
	return parse(t, http1.Request, append([]string{"GET /chat HTTP/1.1", "Host: example.test"}, fields...)...)
}

func answer(t testing.TB, status string, fields ...string) *event.Head {
	return parse(t, http1.Response, append([]string{"HTTP/1.1 " + status}, fields...)...)
}

// pseudo is a head as a transport of HTTP/2 or HTTP/3 gives it.
func pseudo(kind http1.Kind, fields ...string) *event.Head {
	h := &event.Head{Version: "HTTP/2"}
	for i := 0; i < len(fields); i += 2 {
		h.Fields = append(h.Fields, event.Field{Name: fields[i], Value: fields[i+1]})
	}
	h.Method, h.Target = h.Get(":method"), h.Get(":path")
	if kind == http1.Response {
		h.Status = int(h.Get(":status")[0]-'0') * 100
	}
	return h
}

func TestAttemptOf(t *testing.T) {
	for name, c := range map[string]struct {
		fields []string
		want   Attempt
	}{
		"plain":           {nil, NoAttempt},
		"websocket":       {[]string{"Upgrade: websocket", "Connection: Upgrade"}, WebSocketAttempt},
		"oneOfAList":      {[]string{"Upgrade: h2c, WebSocket/13"}, WebSocketAttempt},
		"keyAlone":        {[]string{"sec-websocket-key: x"}, WebSocketAttempt},
		"h2c":             {[]string{"Upgrade: h2c", "Connection: keep-alive, upgrade"}, OtherAttempt},
		"notInHop":        {[]string{"Upgrade: h2c"}, NoAttempt},
		"emptyUpgrade":    {[]string{"Upgrade:", "Connection: Upgrade"}, NoAttempt},
		"similarField":    {[]string{"Sec-WebSocketKey: x"}, NoAttempt},
		"prefixAlone":     {[]string{"Sec-WebSocket-: x"}, NoAttempt},
		"pseudoOnTheWire": {[]string{":protocol: websocket"}, NoAttempt},
	} {
		if got := AttemptOf(request(t, c.fields...)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestAttemptOfPseudoFields(t *testing.T) {
	for name, c := range map[string]struct {
		fields []string
		want   Attempt
	}{
		"websocket":    {[]string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/chat", ":authority", "example.test"}, WebSocketAttempt},
		"otherTunnel":  {[]string{":method", "CONNECT", ":protocol", "connect-udp", ":path", "/"}, OtherAttempt},
		"plainConnect": {[]string{":method", "CONNECT", ":authority", "example.test:443"}, NoAttempt},
		"get":          {[]string{":method", "GET", ":path", "/"}, NoAttempt},
		"oldWay":       {[]string{":method", "GET", ":path", "/", "upgrade", "websocket"}, WebSocketAttempt},
	} {
		if got := AttemptOf(pseudo(http1.Request, c.fields...)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	h := &event.Handshake{Transport: "http/1.1",
		Request: request(t, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: "+key,
			"Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other"),
		Response: answer(t, "101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
			"Sec-WebSocket-Protocol: b", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10")}
	f := Read(h)
	switch {
	case h.Verdict != event.Established, !f.Switched(), !f.WebSocket(), f.Draft(), f.Multiplexed():
		t.Errorf("verdict %v, switched %v, WebSocket %v, draft %v", h.Verdict, f.Switched(), f.WebSocket(), f.Draft())
	case h.Version.Value != "13", h.Key.Value != key, !h.KeyValid.Value, !h.AcceptValid.Known, !h.AcceptValid.Value:
		t.Errorf("version %v, key %v %v, accept %v %v", h.Version, h.Key, h.KeyValid, h.Accept, h.AcceptValid)
	case len(h.ProtocolsOffered.Value) != 2, h.Protocol.Value != "b", len(f.Offer) != 2, len(f.DeflateOffers) != 1, len(f.DeflateAnswers) != 1:
		t.Errorf("subprotocols %v %v, offer %v, deflate %v %v", h.ProtocolsOffered, h.Protocol, f.Offer, f.DeflateOffers, f.DeflateAnswers)
	case h.Deflate == nil, h.Deflate.WindowBits != [2]int{10, 15}:
		t.Errorf("deflate %+v", h.Deflate)
	}
}

func TestReadPseudoFields(t *testing.T) {
	connect := pseudo(http1.Request, ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/chat", ":authority", "example.test",
		"sec-websocket-version", "13", "sec-websocket-protocol", "a")
	for name, c := range map[string]struct {
		request  *event.Head
		response *event.Head
		want     event.Verdict
	}{
		"accepted":    {connect, pseudo(http1.Response, ":status", "200", "sec-websocket-protocol", "a"), event.Established},
		"refused":     {connect, pseudo(http1.Response, ":status", "400"), event.Refused},
		"unanswered":  {connect, nil, event.Incomplete},
		"no101":       {connect, pseudo(http1.Response, ":status", "100"), event.Refused},
		"otherTunnel": {pseudo(http1.Request, ":method", "CONNECT", ":protocol", "connect-udp", ":path", "/"), pseudo(http1.Response, ":status", "200"), event.OtherUpgrade},
	} {
		h := &event.Handshake{Transport: "h2", Request: c.request, Response: c.response}
		f := Read(h)
		if h.Verdict != c.want || f.Switched() != (c.want == event.Established || c.want == event.OtherUpgrade) || h.AcceptValid.Known {
			t.Errorf("%s: %v, switched %v, accept %v", name, h.Verdict, f.Switched(), h.AcceptValid)
		}
	}
}

func TestVerdict(t *testing.T) {
	asks := request(t, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	cut := *asks
	cut.Cut = event.CutGap
	accepts := answer(t, "101 Switching Protocols", "Upgrade: websocket")
	confirms := answer(t, "101 Switching Protocols", "Upgrade: websocket", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
	early, half, nothing := *request(t), *confirms, *answer(t, "101 Switching Protocols")
	early.Cut, half.Cut, nothing.Cut = event.CutGap, event.CutGap, event.CutGap
	for name, c := range map[string]struct {
		request, response *event.Head
		want              event.Verdict
	}{
		"switched":    {asks, accepts, event.Established},
		"refused":     {asks, answer(t, "403 Forbidden"), event.Refused},
		"unanswered":  {asks, nil, event.Incomplete},
		"cut":         {&cut, accepts, event.Incomplete},
		"cutBehind":   {&cut, confirms, event.Established},
		"answerAlone": {nil, confirms, event.Incomplete},
		"answerCut":   {asks, &half, event.Incomplete},
		"cutBefore":   {&early, accepts, event.Incomplete},
		"bothCut":     {&early, &nothing, event.Incomplete},
		"otherCut":    {&early, answer(t, "101 Switching Protocols", "Upgrade: h2c"), event.OtherUpgrade},
		"otherAlone":  {nil, answer(t, "101 Switching Protocols", "Upgrade: h2c"), event.OtherUpgrade},
		"h2c":         {request(t, "Upgrade: h2c", "Connection: Upgrade"), answer(t, "101 Switching Protocols", "Upgrade: h2c"), event.OtherUpgrade},
		"h2cRefused":  {request(t, "Upgrade: h2c", "Connection: Upgrade"), answer(t, "200 OK"), event.OtherUpgrade},
		"hixie":       {request(t, "Upgrade: WebSocket", "Connection: Upgrade", "Sec-WebSocket-Key1: 1 2", "Sec-WebSocket-Key2: 3 4"), accepts, event.OtherUpgrade},
		"unsolicited": {request(t), accepts, event.Established}, // a check makes it invalid
	} {
		h := &event.Handshake{Transport: "http/1.1", Request: c.request, Response: c.response}
		if Read(h); h.Verdict != c.want {
			t.Errorf("%s: %v, want %v", name, h.Verdict, c.want)
		}
	}
}
