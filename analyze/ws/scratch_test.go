package ws

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"wshake/analyze/event"
)

// Streams that take turns with one Scratch find nothing of each other there.
func TestScratchIsShared(t *testing.T) {
	r := rand.New(rand.NewPCG(6455, 9))
	scratch := new(Scratch)
	for range 20 {
		type speaker struct {
			*sample
			stream *Stream
			log    log
			wire   []byte
		}
		var open, all []*speaker
		for i := range samples {
			s := &speaker{sample: &samples[i], wire: octets(t, samples[i].wire)}
			o := s.options
			o.Scratch = scratch
			s.stream = NewStream(s.side, o, &s.log)
			open, all = append(open, s), append(all, s)
		}
		for n := 1; len(open) > 0; n++ {
			i := r.IntN(len(open))
			s := open[i]
			size := min(1+r.IntN(6), len(s.wire))
			s.stream.Data(packet(n), s.wire[:size])
			if s.wire = s.wire[size:]; len(s.wire) == 0 {
				s.stream.End(packet(n))
				open = append(open[:i], open[i+1:]...)
			}
		}
		for _, s := range all {
			if diff := cmp.Diff(strings.TrimPrefix(s.want, "\n"), s.log.String()); diff != "" {
				t.Errorf("%s: %s", s.name, diff)
			}
			if s.stream.unfinished != nil {
				t.Errorf("%s keeps its working memory", s.name)
			}
		}
	}
	if len(scratch.idle) == 0 {
		t.Error("no working memory was given back")
	}
}

// A stream that is between messages keeps nothing but itself.
func TestCalmStreamHasNoScratch(t *testing.T) {
	s := NewStream(event.Server, Options{}, new(log))
	for i, step := range []struct {
		wire string
		busy bool
	}{
		{`81 02 "ab"`, false},
		{`81`, true}, // in a header
		{`02 "a"`, true},
		{`"b"`, false},
		{`01 01 "a"`, true}, // in a message
		{`89 00`, true},
		{`80 01 "b"`, false},
		{`89 00`, false},
	} {
		s.Data(packet(i+1), octets(t, step.wire))
		if busy := s.unfinished != nil; busy != step.busy {
			t.Errorf("behind %s: has working memory: %t", step.wire, busy)
		}
	}
}
