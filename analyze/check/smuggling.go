package check

import (
	"fmt"
	"wshake/analyze/event"
)

var checkRequestSmuggling = Check{
	ID: "SEC-02", Name: "request-smuggling", Level: event.Warning, Fault: event.ClientFault,
	Citation: "RFC 9110 §7.8, RFC 9112 §11.2",
	When:     "a refused upgrade was followed by further octets that were sent without waiting",
	Description: "The client asked for an upgrade and sent more without waiting, and the upgrade was refused. A " +
		"proxy that passes octets through from the request on, without waiting for the 101, takes what follows " +
		"for WebSocket, while the backend reads it as further HTTP requests that never met the proxy's rules. " +
		"The bad version, key or Origin that gets the refusal is then put there on purpose. It can also be a " +
		"harmless client that sends frames too early, or that pipelines requests.",
	Advice: "let the proxy pass octets through only after a 101 from the backend, and let the server close " +
		"a connection whose upgrade it refuses; find out what this client is",
	Needs:    Asked | Refused | HTTP1,
	Exchange: requestSmuggling,
}

func requestSmuggling(x *Exchange, report Report) {
	e := &x.Evidence
	if len(e.Early) == 0 || draftKeys(x.Request) {
		return
	}
	report(Detail{
		At: e.EarlyAt,
		Text: fmt.Sprintf("after an upgrade that was refused with %d the client had already sent %s: %s",
			x.Response.Status, early(e), show(e.Early)),
		Seen: show(e.Early), Wanted: "nothing before the answer",
	})
}
