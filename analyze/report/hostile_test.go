package report

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// evil is in every value that a peer chooses.
var evil = "\x1b[2J\r\nforged \u202e\u2066\u0085\x00\xff世界\ufe0f\u0301" + strings.Repeat("a\u0301", 50) + strings.Repeat("界", 300) + " " + strings.Repeat("long ", 50)

func textOutputs(o Options) map[string]func(io.Writer) writer {
	overview := o
	overview.Show &^= event.KindFrame | event.KindMessage
	return map[string]func(io.Writer) writer{
		"overview": func(w io.Writer) writer { return NewText(w, overview) },
		"log":      func(w io.Writer) writer { return NewText(w, o) },
		"follow":   func(w io.Writer) writer { return NewFollow(w, []Target{{Conn: 1}}, o) },
		"pretty":   func(w io.Writer) writer { o.Pretty = true; return NewFollow(w, []Target{{Conn: 1}}, o) },
	}
}

func jsonOutput(o Options) func(io.Writer) writer {
	return func(w io.Writer) writer { return NewJSON(w, o) }
}

func printHostile(t *testing.T, make func(io.Writer) writer) string {
	t.Helper()
	var b bytes.Buffer
	w := make(&b)
	tellHostile(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tellHostile(to event.Receiver) {
	h := established()
	h.Request.Method, h.Request.Target = evil, "/"+evil
	h.Request.Fields = fields([]string{"Host: " + evil, evil + ": " + evil, "Origin: " + evil, "User-Agent: " + evil})
	h.Request.StartLine, h.Response.StartLine, h.Response.Reason = evil, evil, evil
	h.SNI, h.ALPN, h.Key, h.Accept, h.Version = event.Some(evil), event.Some(evil), event.Some(evil), event.Some(evil), event.Some(evil)
	h.ProtocolsOffered, h.Protocol = event.Some([]string{evil, ""}), event.Some(evil)
	h.ExtensionsOffered, h.Extensions = event.Some([]string{evil}), event.Some([]string{evil + "; a=" + evil})
	for range 3 {
		to.Handshake(h)
	}
	f := *mismatch
	f.Conn, f.Text, f.Seen, f.Wanted, f.Advice = chat, evil, evil, evil, evil
	to.Finding(&f)
	for _, payload := range []event.Payload{
		{Kept: true, Text: true, Data: []byte(evil)},
		{Kept: true, Text: true, Data: []byte(`{"a":"` + strings.Repeat("b\u202e", 90) + `"}`), Truncated: true},
		{Kept: true, Text: true, Data: []byte(strings.Repeat("[", 5000) + strings.Repeat("]", 5000))},
		{Kept: true, Text: true, Data: []byte("{\"\u202e\x7f\":1}")},
		{Kept: true, Data: []byte(evil)},
		{Kept: true},
	} {
		to.Message(&event.Message{Conn: chat, At: at(30, 60), Opcode: event.OpText, Length: event.Some(uint64(1) << 63), Frames: 1 << 30, Kind: evil, Payload: payload})
		to.Frame(&event.Frame{Conn: chat, At: at(31, 61), Header: event.Header{Opcode: 0xb, RSV: 7, Length: 1<<64 - 1, Size: 14}, Payload: payload})
	}
	to.Frame(&event.Frame{Conn: chat, At: at(32, -1e9), From: event.Server, Header: event.Header{Opcode: event.OpClose, Masked: true, Size: 14}, Code: event.Some(uint16(65535)), Reason: event.Some(evil)})
	to.Frame(&event.Frame{Conn: chat, At: at(33, 63), From: event.Server, Header: event.Header{Opcode: event.OpClose, Size: 2}})
	e := over
	e.Close = &event.Close{Code: event.Some(uint16(0)), Reason: event.Some(evil)}
	e.Duration, e.Ended = -1, event.EndedReset
	to.Connection(&e)
	c := gap
	c.Text = evil
	to.Caveat(&c)
	to.Caveat(&event.Caveat{Name: "link-type", Text: evil, At: event.At{File: 99}}) // of no connection
	s := summary()
	s.Files = []string{evil}
	s.Dropped = &event.Dropped{Kernel: 1 << 60, Interface: 3}
	s.Elapsed = 1e9
	to.Summary(s)
}
