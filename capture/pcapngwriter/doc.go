// Package pcapngwriter keeps captured packets in files of pcapng (draft-ietf-opsawg-pcapng).
//
// What Write is given has gone to the system when it returns, so that a killed process loses none of it. A write that
// fails is taken back to the end of the last whole block, so that the file stays readable.
//
// A file has one section. Its interfaces are described where their first packet comes; times have nanoseconds.
// Rotation goes by the times of packets, not by the clock, so that the same packets give the same files.
package pcapngwriter
