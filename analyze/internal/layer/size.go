package layer

// Sized is a Layer that takes more memory as it is given more.
type Sized interface {
	// Size is about the memory that the layer and those above it take, octets. It is asked for behind each segment, so
	// that it must not walk through what is kept.
	Size() int
}

// usualSize is what a layer counts for that does not grow.
const usualSize = 1 << 10

// Size is about the memory that a layer and those above it take, octets.
func Size(l Layer) int {
	if s, grows := l.(Sized); grows {
		return s.Size()
	}
	return usualSize
}

// Size of Ignored is nothing: nobody keeps any.
func (Ignored) Size() int { return 0 }
