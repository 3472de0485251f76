// Package keylog reads the secrets of TLS connections from key logs in the SSLKEYLOGFILE format (RFC 9850), also from
// those that grow while packets are captured and from those inside captures.
//
// The way of a secret: [Collector.File], [Collector.Follow] or a Decryption Secrets Block of a capture
// ([Collector.Embedded]) feed lines to a [Feed]; each line becomes a secret under its [Name] in a [Log]; package tls
// asks [Log.Secret] for the names that it read on the wire, which hold the client random.
//
// A Collector fits into an analysis like this:
//
//	keys := &keylog.Collector{Warn: warn}
//	src, err := capture.Open(paths, capture.Options{Secrets: keys.Embedded, Prescan: keys.Prescan})
//	err = keys.File("keys.log")
//	cfg := analyze.Config{Keys: analyze.Keys{Log: &keys.Log, Poll: keys.Poll}}
//	err = analyze.Run(ctx, src, cfg, receiver)
//	keys.Close()
//
// # Design
//
// A growing key log is looked at between batches of packets, by size and identity of the file, and not by
// notifications of the system: these differ between systems, miss files on network mounts, and would tell nothing
// earlier than the next packet needs it. What is written in pieces counts line by line, since writers flush in the
// middle of lines.
//
// Secrets inside a capture are read when the first secret is asked for (Log.Later): a capture without TLS is not read
// twice.
//
// No error and no warning repeats a line: it may hold a secret.
package keylog
