package report

import (
	"bytes"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/redact"
)

// What package redact hides stays hidden in every output, and every output says that something is.
func TestNoOutputShowsSecrets(t *testing.T) {
	const secret = "s3cret-" // begins each
	h := established()
	h.Request.Target = "/chat?access_token=" + secret + "query"
	h.Request.StartLine = "GET " + h.Request.Target + " HTTP/1.1"
	h.Request.Fields = append(fields([]string{"Host: x", "cookie: " + secret + "cookie", "Authorization: Bearer " + secret + "a",
		"X-API-Key: " + secret + "key", "Referer: https://x/?jwt=" + secret + "referer", "Sec-WebSocket-Protocol: chat, Bearer." + secret}),
		event.Field{Name: "Cookie " + secret, Anomalies: event.NoColon})
	h.Response.Fields = fields([]string{"Set-Cookie: " + secret + "set"})
	h.ProtocolsOffered, h.Protocol = event.Some([]string{"chat", "Bearer." + secret}), event.Some("Bearer."+secret)
	f := *mismatch
	f.Conn, f.Text, f.Seen = chat, `the head has "Cookie: `+secret+`"`, "Bearer."+secret
	for name, make := range allOutputs(Options{Show: event.AllKinds}) {
		var b bytes.Buffer
		w := make(&b)
		to := redact.To(w, redact.All)
		to.Handshake(h)
		to.Finding(&f)
		to.Message(&event.Message{Conn: chat, At: at(7, 10), Opcode: event.OpText, Payload: event.Payload{Kept: true, Text: true, Data: []byte(secret)}})
		to.Frame(&event.Frame{Conn: chat, At: at(8, 11), Header: event.Header{Opcode: event.OpClose}, Code: event.Some(uint16(1000)), Reason: event.Some(secret)})
		to.Connection(&event.Connection{Conn: chat, At: at(9, 12), Close: &event.Close{Reason: event.Some(secret)}})
		to.Summary(summary())
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), secret) {
			t.Errorf("%s: %s", name, b.String())
		}
		if !strings.Contains(b.String(), "[redacted, ") {
			t.Errorf("%s does not say that something is redacted", name)
		}
	}
	if h.Request.Get("cookie") != secret+"cookie" || !strings.Contains(f.Text, secret) {
		t.Error("the event was changed")
	}
}
