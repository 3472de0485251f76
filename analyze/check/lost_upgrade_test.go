package check

import (
	"testing"

	"wshake/analyze/event"
)

// A backend that answers 400 or 426 to a request without the upgrade did not do it for Host.
func TestLostUpgradeExplainsBeforeHost(t *testing.T) {
	request := func(host string, fields ...event.Field) *event.Handshake {
		q := &event.Head{Method: "GET", Target: "/ws"}
		q.Add(event.Field{Name: "Host", Value: host})
		q.Add(event.Field{Name: "Origin", Value: "https://app.example.com"})
		for _, f := range fields {
			q.Add(f)
		}
		return &event.Handshake{Request: q}
	}
	upgrade := []event.Field{{Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"}}
	for name, c := range map[string]struct {
		fields  []event.Field
		status  int
		changed bool
	}{
		"400 with the upgrade":    {upgrade, 400, true},
		"400 without the upgrade": {nil, 400, false},
		"403 without the upgrade": {nil, 403, true},
	} {
		back := request("backend", c.fields...)
		back.Response = &event.Head{Status: c.status}
		why, _ := explainedByChange(&Legs{Downstream: request("app.example.com", upgrade...), Upstream: back})
		if (why != "") != c.changed {
			t.Errorf("%s: %q", name, why)
		}
	}
}
