package primitive

// Field is a field line of a header block. What it points at is borrowed until the next block is decoded, and not to
// be changed.
type Field struct {
	Name, Value []byte
	// Unknown says what was in an entry of the table that was not captured.
	Unknown Unknown
	// Entry is the index of that entry as sent in HPACK (RFC 7541 §2.3.3); 0 where all is known, and in QPACK.
	Entry uint64
	// Never says that the sender wants it indexed nowhere (RFC 7541 §7.1.3): a secret. QPACK's reader does not tell.
	Never bool
}

// Unknown says which part of a field is not known. The value may be known where the name is not.
type Unknown uint8

const (
	UnknownName Unknown = 1 << iota
	UnknownValue
)
