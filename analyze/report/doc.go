// Package report writes events: as NDJSON for programs, as tables and sentences for people, as the transcript of one
// conversation. Every output is an [event.Receiver] and prints nothing that is not in an event.
//
// Outputs keep the first write error, write nothing after it, and give it in Err and Flush; so a run can be stopped
// when nobody reads on.
//
// # Design
//
// The JSON lines are appended by hand to one reused buffer: a frame costs no allocation, the order of keys is the
// order of the code, and a closed schema (Schema) holds each line to its contract. encoding/json is the oracle of the
// tests.
//
// What was on the wire is hostile. Text for people passes [Sanitise] where it becomes a cell or a line, and nowhere
// else; JSON escapes the same characters in its own notation. So neither can move a cursor or turn text round.
//
// A table is printed while the run goes on. Its column widths are learnt from the first rows and fixed then.
// tablewriter draws the head and these first rows. It takes about 35 µs a row there and 250 µs when it streams, so the
// rows behind them are written by table.write, with the same widths, in 1 to 2 µs; a test holds the two to the same
// bytes. Rejected: a table that waits for its last row, which in a live capture is never.
//
// Memory does not grow with the capture: of findings, caveats and connections only what will be printed is kept, the
// rest is counted.
package report
