package http1

// clip shortens a value for an error text, which must not grow with what a peer sends.
func clip[T string | []byte](s T) T {
	const most = 64
	return s[:min(len(s), most)]
}
