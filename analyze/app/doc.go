// Package app says in words what messages say in the protocols that applications talk over WebSocket: "EVENT order on
// /admin, acknowledge as 3", "CONNACK refused: not authorized".
//
// # Design
//
// Each protocol has one small file and a row in protocols. Which one a conversation talks is decided once: by the
// subprotocol that the handshake agreed on, by the request's target (Socket.IO), else by the shape of one of its
// first messages where that is sure. What was agreed is never guessed against: behind the subprotocol "mqtt" nothing is
// taken for JSON-RPC.
//
// A reader gets the first octets of a message, MaxFirst at most, and the message's length. It keeps nothing but, for
// MQTT, where in a packet a message ended (MQTT 3.1.1 §6.0: packets need not be aligned with messages). Its time is
// linear in what it gets. What cannot be read for sure has no words.
//
// [Talk.Read] without words wanted makes only those of failures, and allocates nothing for other messages.
//
// Looked at instead of own code: encoding/json wants whole values, and a bounded beginning of a message is none.
package app
