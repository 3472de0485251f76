package check

import (
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// A head that holds as much as fits costs no more than its octets: nothing is compared all with all, and what is found
// is told a bounded number of times. Without the limits this took 95 s.
func TestHostileHandshake(t *testing.T) {
	offer := "permessage-deflate" + strings.Repeat("; a", 31_000)
	answer := strings.Repeat("permessage-deflate, ", 3_400)
	many := strings.Repeat("x-a, x-b, ", 2_700)
	for name, values := range map[string][2]string{"parameters": {offer, answer}, "extensions": {many, strings.Repeat("y-a, y-b, ", 2_700)}, "offers": {answer, offer}} {
		request := &event.Head{Method: "GET", Target: "/?" + strings.Repeat("token=0123456789&", 3_000), Version: "HTTP/1.1", Fields: []event.Field{
			{Name: "Host", Value: "example.com"}, {Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"},
			{Name: "Sec-WebSocket-Key", Value: "4tAjitqO9So2Wu8lkrsq3w=="}, {Name: "Sec-WebSocket-Version", Value: "13"},
			{Name: "Sec-WebSocket-Extensions", Value: values[0]}, {Name: "Sec-WebSocket-Protocol", Value: strings.Repeat("a/b, ", 5_000)}}}
		response := &event.Head{Version: "HTTP/1.1", Status: 101, StartLine: "HTTP/1.1 101 x", Fields: []event.Field{
			{Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"}, {Name: "Sec-WebSocket-Extensions", Value: values[1]}}}
		for range 5_000 {
			response.Fields = append(response.Fields, event.Field{Name: "Sec-WebSocket-Protocol", Value: "chat"})
		}
		set, err := NewSet(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		h := &event.Handshake{Conn: new(event.Conn), Transport: "http/1.1", Request: request, Response: response}
		set.Handshake(handshake.Read(h), nil)
		count, octets := map[string]int{}, 0
		for _, f := range h.Findings {
			count[f.Name]++
			octets += len(f.Text) + len(f.Wanted)
		}
		for check, n := range count {
			if n > maxReports {
				t.Errorf("%s: %s is told %d times", name, check, n)
			}
		}
		if octets > 2<<20 {
			t.Errorf("%s: the findings have %d octets", name, octets)
		}
	}
}
