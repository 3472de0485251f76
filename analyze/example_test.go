package analyze_test

import (
	"context"
	"fmt"
	"log"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/capture"
)

// Print every handshake that was refused, and its findings.
func ExampleEvents() {
	src, err := capture.Open([]string{"../testdata/captures/haproxy-deny.pcapng"}, capture.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	for e, err := range analyze.Events(context.Background(), src, analyze.Config{Want: event.KindHandshake}) {
		if err != nil {
			log.Fatal(err)
		}
		h, ok := e.(*event.Handshake)
		if !ok || h.Verdict != event.Refused {
			continue
		}
		fmt.Println(h.Request.Target, h.Response.Status, h.Response.Reason)
		for _, f := range h.Findings {
			fmt.Println(f.Level, f.Name, "in packet", f.At.Number)
		}
	}
	// Output:
	// /chat 403 Forbidden
	// note handshake-refused in packet 5
}

// Extract the text messages of all conversations.
func ExampleRun_messages() {
	src, err := capture.Open([]string{"../testdata/captures/graphql-ws.pcapng"}, capture.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	cfg := analyze.Config{Want: event.KindMessage, Payload: 1 << 16}
	if err := analyze.Run(context.Background(), src, cfg, &printer{most: 5}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// client: {"type":"connection_init"}
	// server: {"type":"connection_ack"}
	// client: {"id":"9e9c8eaf-34dd-473d-ba38-32f153ad5d06","type":"subscribe","payload":{"query":"{ greeting }"}}
	// server: {"id":"9e9c8eaf-34dd-473d-ba38-32f153ad5d06","type":"next","payload":{"data":{"greeting":"Grüezi"}}}
	// server: {"id":"9e9c8eaf-34dd-473d-ba38-32f153ad5d06","type":"complete"}
}

// printer prints the first messages, and ignores all else.
type printer struct {
	event.Ignore
	most int
}

func (p *printer) Message(m *event.Message) {
	if p.most--; p.most >= 0 && m.Payload.Text {
		fmt.Printf("%s: %s\n", m.From, m.Payload.Data)
	}
}

// A custom output: how many handshakes each host answered how.
func ExampleRun_output() {
	src, err := capture.Open([]string{"../testdata/captures/nginx-wrong-variable.pcapng"}, capture.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	counts := &byHost{verdicts: make(map[string]int)}
	if err := analyze.Run(context.Background(), src, analyze.Config{Want: event.KindHandshake | event.KindSummary}, counts); err != nil {
		log.Fatal(err)
	}
	// Output:
	// map[127.0.0.1:8080 refused:1 127.0.0.1:9000 refused:1] of 2 connections
}

// byHost counts verdicts by host, and prints them when the run is over.
type byHost struct {
	event.Ignore
	verdicts map[string]int
}

func (b *byHost) Handshake(h *event.Handshake) {
	if h.Request != nil {
		b.verdicts[h.Request.Get("Host")+" "+h.Verdict.String()]++
	}
}

func (b *byHost) Summary(s *event.Summary) {
	fmt.Println(b.verdicts, "of", s.Connections, "connections")
}
