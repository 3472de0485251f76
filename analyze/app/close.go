package app

import "wshake/analyze/event"

// CloseMeaning is what a code of the range for private use means in the protocol that a subprotocol names, "" where
// that gives it none.
func CloseMeaning(subprotocol string, code event.CloseCode) string {
	switch subprotocol {
	case "graphql-transport-ws", "graphql-ws":
		return graphQLCloses[code]
	}
	return ""
}

// graphQLCloses: PROTOCOL.md and CloseCode of the library graphql-ws.
var graphQLCloses = map[event.CloseCode]string{
	4004: "in GraphQL over WebSocket: a bad response",
	4005: "in GraphQL over WebSocket: an internal error of the client",
	4400: "in GraphQL over WebSocket: an invalid message",
	4401: "in GraphQL over WebSocket: unauthorized, which is also what a subscribe before the connection_ack gets",
	4403: "in GraphQL over WebSocket: forbidden, connection_init was refused",
	4406: "in GraphQL over WebSocket: the subprotocol is not acceptable",
	4408: "in GraphQL over WebSocket: no connection_init came in time",
	4409: "in GraphQL over WebSocket: an operation with this id is already there",
	4429: "in GraphQL over WebSocket: more than one connection_init",
	4499: "in GraphQL over WebSocket: terminated",
	4500: "in GraphQL over WebSocket: an internal error of the server",
	4504: "in GraphQL over WebSocket: no connection_ack came in time",
}
