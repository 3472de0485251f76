package talk

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// FromClient and FromServer are what the ends say, the same on every run. They cover the three forms of a frame's
// length.
var (
	FromClient = []Message{
		text(""), text("x"), text(journal(4, 1)), text(journal(4, 1)), noise(1000, 2), text(journal(30, 3)),
		{Binary: true}, text(journal(900, 4)), text(journal(4, 1)),
	}
	FromServer = []Message{
		text("hello, 世界"), text(journal(4, 5)), noise(126, 6), text(journal(4, 5)), text(""), text(journal(200, 7)),
		noise(3000, 8), text(journal(30, 5)),
	}
)

func text(s string) Message { return Message{Payload: []byte(s)} }

// noise does not compress.
func noise(size int, seed byte) Message {
	payload := make([]byte, size)
	rand.NewChaCha8([32]byte{seed}).Read(payload)
	return Message{Binary: true, Payload: payload}
}

// journal is text that does.
func journal(lines int, seed uint64) string {
	dice := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	for n := range lines {
		fmt.Fprintf(&b, `{"n":%d,"user":"user-%d","action":%q,"route":"/api/v1/items/%d"}`+"\n",
			n, dice.IntN(20), []string{"open", "löschen", "save"}[dice.IntN(3)], dice.IntN(1000))
	}
	return b.String()
}
