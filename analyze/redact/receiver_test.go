package redact

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

const secret = "hunter2-Xq"

// disguises are forms in which a secret stands in any value that a peer sends.
var disguises = []string{
	"token=" + secret,
	"/ws?a=b&access%5ftoken=" + secret,
	"/ws?%2574oken=" + secret,
	"/token/" + secret + "/ws",
	"Bearer " + secret,
	"https://user:" + secret + "@host/",
	"//" + secret + "@host",
	"/?next=https%3A%2F%2Fuser%3A" + secret + "%40host",
	`{"password":"` + secret + `"}`,
	`{\"api_key\": \"` + secret + `\"}`,
	"eyJhbGciOiJub25lIn0." + secret + ".x",
	"a; ticket=" + secret,
	"jwt:" + secret,
}

// ours are fields that hold words of ours, or what is no secret by agreement: host names and where captures are.
var ours = []string{
	"Handshake.Transport", "Handshake.Forwarded.Protocol", "Connection.ResetCode.Value", "Handshake.SNI.Value", "Connection.TLS.SNI", "Connection.TLS.Names", "Connection.TLS.Version", "Connection.TLS.Suite", "Connection.TLS.JA3",
	"Connection.TLS.JA4", "Connection.Caveats", "Connection.Findings", "Message.Kind", "Finding.ID", "Finding.Name", "Finding.Follows.Name", "Finding.Causes", "Finding.Section", "Caveat.Name", "Caveat.Omitted.Check", "Summary.Files", "Summary.Caveats", "Summary.Spoken.What",
}

// payloads are fields that are hidden whatever is in them.
var payloads = []string{"Frame.Payload.Data", "Message.Payload.Data", "Frame.Reason.Value", "Connection.Close.Reason.Value",
	"Handshake.Evidence.Body", "Handshake.Evidence.Early", "Handshake.Evidence.NotHTTP"}

// No string of any event lets a secret through. The fields are found by reflection: a new one that is not treated
// fails here.
func TestEveryField(t *testing.T) {
	for _, kind := range []reflect.Type{reflect.TypeFor[event.Handshake](), reflect.TypeFor[event.Frame](), reflect.TypeFor[event.Message](), reflect.TypeFor[event.Connection](),
		reflect.TypeFor[event.Finding](), reflect.TypeFor[event.Caveat](), reflect.TypeFor[event.Summary]()} {
		seen := make(map[string]bool)
		for _, disguise := range append(slices.Clone(disguises), secret) {
			e := reflect.New(kind)
			plant(e.Elem(), kind.Name(), func(path string) string {
				path = foundIn(path)
				seen[path] = true
				if below(path, ours) || disguise == secret && !below(path, payloads) {
					return "harmless"
				}
				return disguise
			})
			before := fmt.Sprintf("%+v", e.Elem())
			to := new(recorder)
			deliver(To(to, All), e.Interface())
			if len(to.events) != 1 {
				t.Fatalf("%v became %d events", kind, len(to.events))
			}
			walk(reflect.ValueOf(to.events[0]).Elem(), kind.Name(), func(path, text string) {
				if strings.Contains(text, secret) {
					t.Errorf("%s lets %q through: %q", path, disguise, text)
				}
			})
			if after := fmt.Sprintf("%+v", e.Elem()); after != before {
				t.Errorf("the %v itself was changed", kind)
			}
		}
		if len(seen) == 0 {
			t.Errorf("no field of %v was found", kind)
		}
	}
}

// foundIn is the path of a field in the event that it is usually met in: a handshake has its findings with it.
func foundIn(path string) string {
	if _, finding, found := strings.Cut(path, ".Findings."); found {
		return "Finding." + finding
	}
	return path
}

func below(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return path == p || strings.HasPrefix(path, p+".") })
}

// plant fills every string of v, making what pointers, lists and maps need.
func plant(v reflect.Value, path string, text func(path string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(path))
	case reflect.Pointer:
		if v.Type() != reflect.TypeFor[*event.Conn]() {
			v.Set(reflect.New(v.Type().Elem()))
			plant(v.Elem(), path, text)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text(path)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			plant(v.Index(i), path, text)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		if v.Type().Key().Kind() == reflect.String {
			v.SetMapIndex(reflect.ValueOf(text(path)).Convert(v.Type().Key()), reflect.Zero(v.Type().Elem()))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[netip.AddrPort]() || v.Type() == reflect.TypeFor[netip.Addr]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				plant(v.Field(i), path+"."+f.Name, text)
			}
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
		panic(path + " is an interface: say here what may be in it")
	}
}

// walk tells of every string in v, also in fields that are not exported.
func walk(v reflect.Value, path string, tell func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		tell(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, tell)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			tell(path, string(v.Bytes()))
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), path, tell)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(k, path, tell)
			walk(v.MapIndex(k), path, tell)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), path+"."+v.Type().Field(i).Name, tell)
		}
	}
}

// recorder keeps the events that it is given.
type recorder struct{ events []any }

func (r *recorder) Handshake(e *event.Handshake)   { r.events = append(r.events, e) }
func (r *recorder) Frame(e *event.Frame)           { r.events = append(r.events, e) }
func (r *recorder) Message(e *event.Message)       { r.events = append(r.events, e) }
func (r *recorder) Connection(e *event.Connection) { r.events = append(r.events, e) }
func (r *recorder) Finding(e *event.Finding)       { r.events = append(r.events, e) }
func (r *recorder) Caveat(e *event.Caveat)         { r.events = append(r.events, e) }
func (r *recorder) Summary(e *event.Summary)       { r.events = append(r.events, e) }

func deliver(to event.Receiver, e any) {
	switch e := e.(type) {
	case *event.Handshake:
		to.Handshake(e)
	case *event.Frame:
		to.Frame(e)
	case *event.Message:
		to.Message(e)
	case *event.Connection:
		to.Connection(e)
	case *event.Finding:
		to.Finding(e)
	case *event.Caveat:
		to.Caveat(e)
	case *event.Summary:
		to.Summary(e)
	}
}

// Whatever a peer does to a head, the secrets in it are hidden: those that stand behind a name, in any spelling.
func TestHeads(t *testing.T) {
	conn := &event.Conn{Ordinal: 7}
	for _, c := range []struct {
		name      string
		target    string
		fields    []event.Field
		protocols []string
	}{
		{name: "a cookie", fields: []event.Field{{Name: "cookie", Value: "a=" + secret}}},
		{name: "a cookie that is folded", fields: []event.Field{{Name: "Cookie", Value: "a=b; " + secret, Anomalies: event.Folded}}},
		{name: "a blank before the colon", fields: []event.Field{{Name: "Cookie", Value: secret, Anomalies: event.SpaceBeforeColon}}},
		{name: "no colon", fields: []event.Field{{Name: "Cookie " + secret, Anomalies: event.NoColon}}},
		{name: "another sign for the colon", fields: []event.Field{{Name: "Authorization=Basic " + secret, Anomalies: event.NoColon}}},
		{name: "a fold without its blank", fields: []event.Field{{Name: "Authorization", Value: "Bearer"}, {Name: secret, Anomalies: event.NoColon}}},
		{name: "a blank inside the name", fields: []event.Field{{Name: "Author ization", Value: secret, Anomalies: event.BadName}}},
		{name: "a tab inside the name", fields: []event.Field{{Name: "X-Auth\tToken", Value: secret, Anomalies: event.BadName}}},
		{name: "the value in the name", fields: []event.Field{{Name: "token=" + secret, Value: "x", Anomalies: event.BadName}}},
		{name: "an API key", fields: []event.Field{{Name: "Ocp-Apim-Subscription-Key", Value: secret}}},
		{name: "a session", fields: []event.Field{{Name: "X-Session", Value: secret}}},
		{name: "credentials in a field of another name", fields: []event.Field{{Name: "X-Forwarded-Header", Value: "Basic " + secret}}},
		{name: "a URL", fields: []event.Field{{Name: "Referer", Value: "https://user:" + secret + "@x/"}, {Name: "Origin", Value: "https://" + secret + "@x"}}},
		{name: "a host with a user", fields: []event.Field{{Name: "Host", Value: "user:" + secret + "@host"}}},
		{name: "a target with a user", target: "wss://user:" + secret + "@host/ws"},
		{name: "an authority with a user", target: "user:" + secret + "@host:443"},
		{name: "a query", target: "/ws?EIO=4&sid=" + secret},
		{name: "a fragment", target: "/ws#id_token=" + secret},
		{name: "a path", target: "/session/" + secret + "/websocket"},
		{name: "an extension", fields: []event.Field{{Name: "Sec-WebSocket-Extensions", Value: "x-auth; token=" + secret}}},
		{name: "what should be a key", fields: []event.Field{{Name: "Sec-WebSocket-Key", Value: "token=" + secret}}},
		{name: "protocol in one element", protocols: []string{"chat", "bearer." + secret}},
		{name: "protocol with a dash", protocols: []string{"auth-" + secret}},
		{name: "protocol with a blank", protocols: []string{"Bearer " + secret}},
		{name: "protocol with an equals sign", protocols: []string{"access_token=" + secret}},
		{name: "protocol with a colon", protocols: []string{"jwt:" + secret}},
		{name: "protocol behind its name", protocols: []string{"graphql-ws", "access_token", secret}},
		{name: "protocol behind its name in capitals", protocols: []string{"AUTHORIZATION", secret}},
		{name: "protocol of Kubernetes", protocols: []string{"base64url.bearer.authorization.k8s.io." + secret, "base64.binary.k8s.io"}},
		{name: "protocol of OpenAI", protocols: []string{"realtime", "openai-insecure-api-key." + secret}},
		{name: "protocol that is an encoded name", protocols: []string{"%74oken." + secret}},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := c.target
			if target == "" {
				target = "/chat"
			}
			q := &event.Head{Method: "GET", Target: target, Version: "HTTP/1.1", StartLine: "GET " + target + " HTTP/1.1", Fields: c.fields}
			h := &event.Handshake{Conn: conn, Request: q, Response: &event.Head{}}
			if c.protocols != nil {
				q.Fields = append(q.Fields, event.Field{Name: "Sec-WebSocket-Protocol", Value: strings.Join(c.protocols, ", ")})
				h.ProtocolsOffered = event.Some(c.protocols)
				h.Protocol = event.Some(c.protocols[len(c.protocols)-1])
			}
			to := new(recorder)
			r := To(to, All)
			r.Handshake(h)
			// A sentence may quote any of it.
			said := []string{q.StartLine}
			for _, f := range q.Fields {
				said = append(said, f.Value, f.Name+": "+f.Value)
			}
			said = append(said, c.protocols...)
			for _, s := range said {
				r.Finding(&event.Finding{Conn: conn, Text: fmt.Sprintf("the peer sent %q, which nobody wants", s), Seen: s, Wanted: s, Advice: s})
				r.Caveat(&event.Caveat{Conn: conn, Text: fmt.Sprintf("%q was not read", s)})
			}
			for _, e := range to.events {
				walk(reflect.ValueOf(e).Elem(), reflect.TypeOf(e).Elem().Name(), func(path, text string) {
					if strings.Contains(text, secret) {
						t.Errorf("%s: %q", path, text)
					}
				})
			}
		})
	}
}

// What no secret is stays readable.
func TestHarmlessStays(t *testing.T) {
	fields := []event.Field{{Name: "Host", Value: "chat.example:8080"}, {Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "keep-alive, Upgrade"},
		{Name: "Origin", Value: "https://chat.example"}, {Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		{Name: "Sec-WebSocket-Key", Value: "dGhlIHNhbXBsZSBub25jZQ=="}, {Name: "Sec-WebSocket-Accept", Value: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}, {Name: "Sec-WebSocket-Version", Value: "13"},
		{Name: "Sec-WebSocket-Protocol", Value: "mqtt, graphql-transport-ws, v12.stomp, v5.channel.k8s.io, ocpp1.6, soap"},
		{Name: "Sec-WebSocket-Extensions", Value: "permessage-deflate; client_max_window_bits"}, {Name: "Accept-Language", Value: "en-US,en;q=0.5"},
		{Name: "Date", Value: "Mon, 27 Jul 2009 12:28:53 GMT"}, {Name: "Via", Value: "1.1 proxy.example"}, {Name: "X-Forwarded-For", Value: "192.0.2.43, 2001:db8::1"}}
	q := &event.Head{Method: "GET", Target: "/socket.io/?EIO=4&transport=websocket&room=42", Version: "HTTP/1.1", Fields: fields}
	q.StartLine = "GET " + q.Target + " HTTP/1.1"
	to := new(recorder)
	r := To(to, All)
	r.Handshake(&event.Handshake{Request: q, Key: event.Some("dGhlIHNhbXBsZSBub25jZQ=="), Accept: event.Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
		ProtocolsOffered: event.Some([]string{"mqtt", "v5.channel.k8s.io"})})
	sentences := []string{`Sec-WebSocket-Accept "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" does not answer key "x3JJHMbDL1EzLkh9GBhXDw=="`,
		`the key "+/3JHMbDL1EzLkh9GBhXDw==" is not random: it is the same in 3 connections`, "the client closed with 1002 (protocol error): a rule of the protocol was broken"}
	for _, s := range sentences {
		r.Finding(&event.Finding{Text: s})
	}
	got := to.events[0].(*event.Handshake)
	if got.Request.StartLine != q.StartLine || got.Request.Target != q.Target || got.Key.Value != "dGhlIHNhbXBsZSBub25jZQ==" || got.ProtocolsOffered.Value[1] != "v5.channel.k8s.io" {
		t.Errorf("%+v", got)
	}
	for i, f := range got.Request.Fields {
		if f != fields[i] {
			t.Errorf("%v became %v", fields[i], f)
		}
	}
	for i, s := range sentences {
		if got := to.events[1+i].(*event.Finding).Text; got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestScopeHeads(t *testing.T) {
	to := new(recorder)
	r := To(to, Heads)
	r.Frame(&event.Frame{Reason: event.Some("going away, token=" + secret), Payload: event.Payload{Kept: true, Data: []byte("body")}})
	f := to.events[0].(*event.Frame)
	if string(f.Payload.Data) != "body" || f.Reason.Value != "going away, token="+Mask(secret) {
		t.Errorf("%+v", f)
	}
}

// An encoding inside another, or very many names, must not take longer than their length warrants.
func TestHostileTextEnds(t *testing.T) {
	long := func(part string) string { return strings.Repeat(part, need.Rounds(60_000, 15_000)/len(part)) }
	for _, s := range []string{long("%25") + "41", long("token/"), long("token="), long("a="), long(`{"token":"`),
		long("[redacted"), long("//x@"), long("Bearer x1 "), long("a1") + "/" + long("b"), long("eyJ"), long("%")} {
		Text(s)
		key(s)
		target(s)
		protocols(strings.Split(s, "e"))
	}
}

// What stands behind the name of a secret is hidden, whatever comes before it.
func FuzzText(f *testing.F) {
	for _, s := range disguises {
		f.Add(s)
	}
	f.Add("[redacted")
	f.Add("[redacted, 8 characters")
	f.Add("token=[redacted, 12345678901234567890 characters]")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, secret) {
			return
		}
		for _, behind := range []string{"&token=", " Cookie=", "\"&sig="} {
			if got := Text(s + behind + secret); strings.Contains(got, secret) {
				t.Errorf("%q shows in %q", s+behind+secret, got)
			}
		}
	})
}

// A frame that is read as a request line is cut at its blanks: the words behind one that names a secret stand in another part.
func TestMessageAsRequestLine(t *testing.T) {
	const secret = "hunter2-hunter2"
	for _, method := range []string{"\xf1\xff\x00\x10S{\"Authorization\":\"Bearer", `{"type":"connection_init","token":`, "MESSAGE\x03"} {
		q := &event.Head{Method: method, Target: secret + `"}}`, Version: "HTTP/1.1", StartLine: method + " " + secret + "\"}} HTTP/1.1"}
		to := new(recorder)
		r := To(to, All)
		r.Handshake(&event.Handshake{Conn: &event.Conn{Ordinal: 1}, Request: q})
		r.Finding(&event.Finding{Conn: &event.Conn{Ordinal: 1}, Text: fmt.Sprintf("the upgrade request uses method "+
			"%q of %q", method, q.Target), Seen: method})
		for _, e := range to.events {
			walk(reflect.ValueOf(e).Elem(), "", func(path, text string) {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q", path, text)
				}
			})
		}
	}
}
