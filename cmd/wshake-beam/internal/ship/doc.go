// Package ship sends the events that sensors write to a stream, each once.
//
// A sensor is wshake with --output-file: it writes NDJSON, into one file or a series of them. A Follower reads lines that
// are whole, has a Sink publish them, and notes how far it is when all of a batch are acknowledged. What was published
// and not noted is published again with the same message id, by which the stream or its reader knows it.
//
// Messages are keyed by Community ID, so that what two sensors saw of one connection meets at one reader.
package ship
