//go:build !unix

package outfile

import "testing"

func fifo(t *testing.T) string {
	t.Skip("FIFOs are of Unix")
	return ""
}
