package app

import (
	"bytes"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// GraphQL over WebSocket. graphql-transport-ws: the GraphQL over WebSocket Protocol of the library graphql-ws
// (PROTOCOL.md); graphql-ws: the older protocol of subscriptions-transport-ws.
var (
	graphQLTransport = protocol{name: "graphql-transport-ws", subprotocols: []string{"graphql-transport-ws"},
		read: graphQLReader("graphql-transport-ws", []string{"connection_init", "connection_ack", "ping", "pong",
			"subscribe", "next", "error", "complete"})}
	graphQLLegacy = protocol{name: "graphql-ws", subprotocols: []string{"graphql-ws"}, fails: failsGraphQL,
		read: graphQLReader("graphql-ws", []string{"connection_init", "connection_ack", "connection_error", "ka",
			"connection_keep_alive", "start", "data", "error", "complete", "stop", "connection_terminate"})}
	// graphQL is one of both, where the handshake does not tell which.
	graphQL = protocol{name: "graphql", fails: failsGraphQL, opens: func(m *Message) bool {
		return m.Opcode == event.OpText && m.From == event.Client && len(m.First) > 0 && m.First[0] == '{' &&
			bytes.Contains(m.First, []byte("connection_init")) &&
			string(member(m.First, "type")) == `"connection_init"`
	}, read: graphQLReader("graphql", []string{"connection_init", "connection_ack", "connection_error", "ka",
		"connection_keep_alive", "ping", "pong", "start", "subscribe", "data", "next", "error", "complete", "stop",
		"connection_terminate"})}
)

func failsGraphQL(m *Message) bool {
	return m.From == event.Server && bytes.Contains(m.First, []byte("connection_error"))
}

func graphQLReader(name string, types []string) func(*Talk, *Message) *event.App {
	return func(_ *Talk, m *Message) *event.App {
		if m.Opcode != event.OpText {
			return nil
		}
		at := slices.Index(types, str(member(m.First, "type")))
		if at < 0 {
			return nil
		}
		kind, id, payload := types[at], text(member(m.First, "id")), member(m.First, "payload")
		operation, why := "", ""
		switch kind {
		case "subscribe", "start":
			operation = operationOf(payload)
		case "error", "connection_error":
			why = reason(payload)
		case "next", "data":
			if errors := member(payload, "errors"); errors != nil {
				why = reason(errors)
			}
		}
		head := join(kind, id)
		if operation != "" {
			head += ": " + cut(operation)
		}
		a := said(name, kind, id, operation, why, head, quoted("error", why))
		a.Failed = kind == "connection_error"
		return a
	}
}

// operationOf names what a subscribe payload asks for: its operationName, else the beginning of its query.
func operationOf(payload []byte) string {
	if name := str(member(payload, "operationName")); name != "" {
		return name
	}
	query := strings.Join(strings.Fields(str(member(payload, "query"))), " ")
	if i := strings.IndexAny(query, "({"); i > 0 {
		if head := strings.TrimSpace(query[:i]); strings.Contains(head, " ") {
			return head // "subscription OnMessage"
		}
	}
	if len(query) > 48 {
		query = strings.ToValidUTF8(query[:48], "") + "…"
	}
	return query
}
