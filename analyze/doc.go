// Package analyze says what happened to every WebSocket handshake in captured traffic, and to the conversation after
// it.
//
// [Run] takes packets from a capture.Source and delivers events to an event.Receiver; [Events] gives the same events
// to a range loop. Package report has receivers that print.
//
// # The pipeline
//
//	capture ─▶ reader ─▶ 16 shards ─▶ layers ─▶ merge ─▶ correlate, summary ─▶ Receiver
//	          (decode)  (reassembly)  (below)
//
// One goroutine reads batches of packets and decodes them (reassembly/decode). Connections are spread over 16 shards
// by a hash of their addresses, and each worker owns some of the shards: a TCP table (reassembly), the layers on its
// connections, and a buffer for their events. Run's own goroutine puts the buffers of a batch in order
// (internal/merge), compares connections (correlate), sums up, and calls the Receiver. A batch is worked on by all
// before the next is merged, so the order of events depends on packets alone.
//
// The layers of a connection lie on each other. Octets go up, one call deep:
//
//	internal/conn      a TCP connection: detects what is spoken, stacks what follows; it alone knows all layers
//	internal/tlsconn   TLS: gives what it decrypts to the layer above
//	internal/upgrade   HTTP/1.x: pairs requests with answers, makes handshake events
//	internal/h2conn    HTTP/2: finds the streams on which a WebSocket was asked for
//	internal/convo     frames and messages, whatever carries them
//
// Datagrams of QUIC have a table of their own beside TCP's: internal/quicconn finds the connection and has it decrypted
// (package quic), internal/h3conn finds the streams on which a WebSocket was asked for (package http3). Such a stream is
// the same in both, from its request to its end: internal/httpstream.
//
// A layer is told Data, Gap, End and Finish by side. What it may ask of below is layer.Carrier (internal/layer).
//
// # How things are added
//
// A transport: write a Layer that takes the octets of its carrier, and a Carrier for each stream in it: who it is, its
// facts for the handshake and the connection event, and its layer.Stack. Give each stream the detector, or a
// conversation behind a handshake, and let internal/conn recognise the transport. internal/conn/toy_test.go does it in
// 77 lines.
//
// A check: write its row and its function into the file of its group in package check, say in Needs what must have
// been captured, and add a bad and a good sample to testdata/dialogues.
//
// An output: write an event.Receiver in a file of its own in package report.
//
// # Design
//
// Where memory is bounded: [Limits], and each has a default. What grows per connection is bounded per connection, and
// the number of connections by Limits.Reassembly. Limits are divided among the shards, so that reaching one does not
// depend on the number of workers.
//
// Which connection lives in which shard, and what a limit does to it, is the same in every run: there are always 16
// shards. Rejected: a lock around one table (it would be held for most of the time), a channel or goroutine for each
// connection (it must cost nothing while it is silent), and as many shards as workers (results would differ).
//
// How far it scales: a packet of chat takes 3,500 instructions, of which the one reader takes 1,040 (finding it in the
// file, decoding, choosing its shard), the workers the rest, and Run's goroutine nearly nothing. A packet of short
// connections takes 8,200: the reader 1,000, Run's goroutine 1,050 (16,000 for each connection: comparing, summing up,
// the row), the workers the rest. So from four workers on chat waits for the reader, and from seven on short
// connections wait for it or for Run's goroutine: at 3 instructions a cycle and 3.5 GHz about 100 ns a packet, or 10
// million packets a second, however many processors there are. To go beyond, decoding would have to move to the
// workers (of the 1,040, finding the packet takes 390). testdata/speed count gives these figures.
//
// What is about one connection is decided in its layers; what only shows across connections, in package correlate; and
// what a connection's event lists of findings and caveats is collected behind the merge, where both have been.
package analyze
