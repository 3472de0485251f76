package ws

import (
	"wshake/analyze/event"
	"wshake/analyze/ws/deflate"
)

// MaxPrefix is how many octets of a message Message.Prefix keeps unless more are asked for, LongPrefix the most.
const (
	MaxPrefix  = 64
	LongPrefix = 512
)

// Message is one data message (RFC 6455 §5.4). The Stream owns it and uses it again: it is borrowed until the
// Visitor's method returns. Its fields are final in MessageEnd.
type Message struct {
	// Opcode is Text or Binary, or Continuation where the frame that began the message was not captured.
	Opcode event.Opcode
	From   event.Side
	First  At // the packet of its first octet
	Last   At // the latest captured of the packets that carried its frames; control frames in between do not count
	Frames int
	Tiny   int // of the frames: with a payload of 0 or 1 octet

	// Length is the payload decoded so far, octets, Inflate.UnknownBytes of them unknown; WireLength the captured payload
	// of its frames. They are equal unless Compressed.
	Length, WireLength uint64
	// Withheld is how much of Length was not handed to MessagePayload because of Options.MaxMessage.
	Withheld uint64
	// Missing is the payload that fell into gaps, octets on the wire. Nothing is decoded behind the first of them.
	Missing uint64
	// Finished says that its last frame came and ended; Complete, that moreover all of it was captured.
	Finished, Complete bool
	// Broken says that frames of it may have been missed: a gap hid headers before it was finished.
	Broken bool
	// Interrupted says that another message of the same side began before this one was finished.
	Interrupted bool

	// Compressed says that RSV1 marked it for permessage-deflate; Inflate tells what became of that.
	Compressed bool
	Inflate    Inflation
	// Opaque says that an RSV bit nobody explained makes its payload unreadable: it is not judged as text.
	Opaque bool

	// UTF8 is the verdict over a text message, decoded. BadText is the offset in the decoded message of the first octet
	// no valid text continues with (Length where it ends inside a character), with UTF8Invalid only.
	UTF8    UTF8
	BadText uint64

	// Prefix is the first octets of the decoded message, at most MaxPrefix or what Stream.KeepPrefix
	// said. It is empty where one of them is unknown.
	Prefix []byte
	// Digest is the SHA-256 of the decoded message, where Hashed: it was asked for and every octet of the message is
	// known.
	Digest [32]byte
	Hashed bool
	// Kept says that no digest was made, since the visitor keeps the whole message (WantLateDigest).
	Kept bool
}

// renew empties m except for Opcode, From, First, Last and Prefix, field by field, since this is done for every
// message and most fields are empty.
func (m *Message) renew() {
	m.Frames, m.Tiny = 0, 0
	m.Length, m.WireLength, m.Withheld, m.Missing = 0, 0, 0, 0
	m.Finished, m.Complete, m.Broken, m.Interrupted, m.Opaque, m.Kept = false, false, false, false, false, false
	m.UTF8, m.BadText = UTF8Unknown, 0
	if m.Compressed {
		m.Compressed, m.Inflate = false, Inflation{}
	}
	if m.Hashed {
		m.Hashed, m.Digest = false, [32]byte{}
	}
}

// Inflation tells how the decompression of a message went (RFC 7692 §7.2.2).
type Inflation struct {
	State InflateState
	// Err is why a message failed: a *deflate.CorruptError, or what it ended inside of.
	Err error
	// Again says that messages behind this one can repeat known octets only: the agreed window holds no others.
	Again bool
	deflate.Facts
}

// InflateState is the outcome of inflating a message.
type InflateState uint8

const (
	NotInflated   InflateState = iota // not compressed
	Inflated                          // so far without error
	InflateFailed                     // the octets are no deflate stream: Err says why, what came before was decoded
	// InflatedPartly: to its end without error, but some octets repeat earlier ones that were not captured or did not
	// inflate.
	InflatedPartly
	// InflateLost: a part of its own was not captured; what came before was decoded. Or it is no deflate stream, and the
	// handshake that tells whether it has to be one was not captured.
	InflateLost
)

// String is "not inflated", "inflated", "failed", "inflated in part" or "lost".
func (s InflateState) String() string {
	return [...]string{"not inflated", "inflated", "failed", "inflated in part", "lost"}[s]
}
