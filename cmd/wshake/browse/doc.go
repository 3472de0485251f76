// Package browse shows a capture on a terminal: a list of upgrade attempts, one conversation, one message.
//
// # Design
//
// The list keeps a short row for each attempt and draws only the rows that are seen, so that a hundred thousand are as
// quick as ten. A conversation is read from the capture again when it is opened: nothing but the list has to be kept.
//
// The terminal is driven by tcell (github.com/gdamore/tcell/v2), which draws only what changed and has a simulated
// screen for tests. Bubble Tea was looked at: it makes the whole screen a string for each key.
package browse
