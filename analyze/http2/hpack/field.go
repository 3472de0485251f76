package hpack

// Field is a field line of a header block. What it points at is borrowed until the next block is decoded, and not to
// be changed.
type Field struct {
	Name, Value []byte
	// Unknown says what was in an entry of the table that was not captured.
	Unknown Unknown
	// Entry is the index of that entry as sent (§2.3.3); 0 where all is known.
	Entry uint64
	// Never says that the sender wants it indexed nowhere (§7.1.3): a secret.
	Never bool
}

// Unknown says which part of a field is not known. Where the name is, the value may be known.
type Unknown uint8

const (
	UnknownName Unknown = 1 << iota
	UnknownValue
)

// size is what a field counts in a table or list (§4.1).
func size(name, value []byte) uint64 { return uint64(len(name)) + uint64(len(value)) + 32 }
