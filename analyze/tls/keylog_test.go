package tls

import (
	"strings"
	"sync"
	"testing"

	"wshake/analyze/tls/keylog"
)

// Readers and writers of a key log at once, for the race detector.
func TestKeyLogIsShared(t *testing.T) {
	var k keylog.Log
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { k.Add(strings.NewReader(scriptKeyLog())) })
		all.Go(func() {
			_, _, d := greeting()
			d.play(t, &k, Config{})
		})
	}
	all.Wait()
}
