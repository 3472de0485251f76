//go:build race

package analyze

// racing says that the race detector watches, which makes everything ten times slower.
const racing = true
