package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// Failures that the protocol of the applications reports in its messages.

var checkAppError = Check{
	ID: "APP-01", Name: "app-error", Level: event.Note, Fault: event.NoFault,
	Citation: "the protocol that the messages are in",
	When: "a message says, in the protocol of the applications, that a connection, session or request failed " +
		"(Socket.IO CONNECT_ERROR, graphql-ws connection_error, STOMP ERROR, MQTT CONNACK refused and the like)",
	Description: "The WebSocket is sound; the protocol inside it says that something failed. How it says so: Socket.IO " +
		"by CONNECT_ERROR; graphql-ws by connection_error; STOMP by ERROR; MQTT by its CONNACK; WAMP by ABORT; SignalR in " +
		"the answer to its handshake or in Close; Phoenix in the reply to phx_join; Action Cable by reject_subscription or " +
		"disconnect; OCPP by CALLERROR; XMPP by a stream error or a SASL failure. What follows, mostly a Close or the end of TCP, is its " +
		"consequence. The text quotes what the message says.",
	Advice: "look for the cause in the application: credentials, permissions and names that the message speaks of, and " +
		"the log of the side that sent it",
	Needs:   MessageEnd,
	Message: appError,
}

// appAdvice is what to do about failures, by protocol and type where one row of advice does not fit all.
var appAdvice = map[string]string{
	"socket.io CONNECT_ERROR": "read the message: it is the error that a middleware of the server (io.use) passed on, or " +
		`"Invalid namespace" where the server has no io.of() of that name`,
	"graphql-ws connection_error": "let the client send in connection_init what onConnect of the server asks for, mostly " +
		"a valid token in its payload",
	"mqtt CONNACK": "compare the client's version, identifier, user name and password with what the broker is " +
		"configured for; its log names the reason",
	"mqtt SUBACK": "look at the broker's access rules for this topic filter and user",
	"wamp ABORT":  "look at the realm and the authentication methods that the router is configured for",
	"signalr handshake": "let client and server use the same hub protocol and version (AddMessagePackProtocol on both, " +
		"or on neither)",
}

func appError(m *Message, report Report) {
	a := m.App
	if a == nil {
		return
	}
	what := a.Type
	if a.Name != "" && !strings.Contains(a.Name, a.Error) {
		what += " for " + quote(a.Name)
	}
	why := "that it failed"
	if a.Error != "" {
		why = quote(a.Error)
	}
	report(Detail{
		At: m.Last, Fault: event.NoFault, Seen: a.Type, Advice: appAdvice[a.Protocol+" "+a.Type],
		Text: fmt.Sprintf("the %s reports a failure in %s: %s says %s", m.From, a.Protocol, what, why),
	})
}
