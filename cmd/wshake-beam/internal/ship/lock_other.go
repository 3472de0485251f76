//go:build !unix

package ship

// lock does nothing: files are followed on Unix only.
func lock(string) (undo func(), err error) { return func() {}, nil }
