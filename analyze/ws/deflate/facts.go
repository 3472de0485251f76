package deflate

// Reference is the place of a back-reference. A zero Distance means that there was none.
type Reference struct {
	Offset   int64 // in the message's inflated octets
	Distance int   // octets back, 1 to 32768
}

// Facts is what was seen in one message, up to where it failed if it did.
type Facts struct {
	InputBytes  int64 // compressed octets given to Write, also those behind an error
	OutputBytes int64 // inflated octets, known or not
	// UnknownBytes is how many of them are unknown, because they repeat octets that were not captured.
	UnknownBytes int64

	// MaxDistance is the largest distance of a reference, 0 if there was none. An agreed window of 8 bits that acts as 9
	// (zlib) shows as BeyondWindow together with a MaxDistance of at most 512.
	MaxDistance int
	// BeyondWindow is the first reference farther back than the agreed window (RFC 7692 section 7.1.2).
	BeyondWindow Reference
	// IntoEarlier is the first reference behind the start of the message although no context takeover was agreed
	// (RFC 7692 section 7.1.1).
	IntoEarlier Reference

	// FinalBlocks counts blocks with BFINAL set: legal, and more blocks may follow (RFC 7692 section 7.2.3.4).
	FinalBlocks int
	// TailKept says that the last block was an empty stored one, so that the message ended in the 00 00 ff ff that its
	// sender has to remove (RFC 7692 section 7.2.1).
	TailKept bool
	// Unflushed says that the message ended right behind another block, with nothing that 00 00 ff ff completes; a
	// message of no octets does, too. It inflates, but a strict receiver loses its place in the next message.
	Unflushed bool
}
