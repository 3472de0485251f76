package convo

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/shard"
	"wshake/analyze/search"
)

// searched is what a conversation is searched with.
type searched struct {
	at      event.At // the packet at hand
	streams [2]search.Stream
}

func newSearched(s *shard.Shard) *searched {
	f := new(searched)
	for side := range f.streams {
		f.streams[side] = search.Stream{Pattern: s.Search, Budget: &s.Searching}
	}
	return f
}

// found completes the event of a message with what was found in it.
func (c *Conversation) found(e *event.Message) {
	var whole bool
	e.Matches, e.MoreFound, whole = c.search.streams[e.From].Finish()
	if !whole {
		c.caveatOnce(searchLimit, e.At, "search-limit",
			"not all of a message was searched: too many messages were in progress at once for the memory that searching may take")
	}
}
