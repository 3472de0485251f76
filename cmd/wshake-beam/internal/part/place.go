package part

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"sync"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
)

// Place is where a packet stands among those of all files. The order of places is that in which one reader of all files
// meets their packets: it takes the file whose next packet is the earliest, of equals the one that was named first.
type Place struct {
	Time   int64 // the latest of the packet and those before it in its file, ns since the Unix epoch
	File   int32 // which of all files
	Number uint64
}

// Compare orders places.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Time, q.Time), cmp.Compare(p.File, q.File), cmp.Compare(p.Number, q.Number))
}

// packet names a packet.
type packet struct {
	File   int32
	Number uint64
}

// Late are the packets that stand behind later ones of their file, with the times of their places.
type Late map[packet]int64

// place is the place of a packet.
func (l Late) place(at *event.At) Place {
	p := Place{Time: at.Time, File: at.File, Number: at.Number}
	if t, late := l[packet{at.File, at.Number}]; late {
		p.Time = t
	}
	return p
}

// within lists the packets in v, a pointer, that are in l, in the order of their numbers.
func (l Late) within(v any) (list []LatePlace) {
	if len(l) == 0 {
		return nil
	}
	eachPacket(reflect.ValueOf(v), func(at *event.At) {
		if t, late := l[packet{at.File, at.Number}]; late {
			list = append(list, LatePlace{at.File, at.Number, t})
		}
	})
	slices.SortFunc(list, func(a, b LatePlace) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Number, b.Number)) })
	return slices.Compact(list)
}

// add takes in what another run knows.
func (l Late) add(list []LatePlace) {
	for _, p := range list {
		l[packet{p.File, p.Number}] = p.Time
	}
}

// end is the ordinal that stands for the end of the capture in a part of it.
const end = math.MaxUint64 >> 2

// remembered is how many packets behind the reader the events of a run are at most: rounds of a batch each.
const remembered = 32 * capture.BatchSize

// ledger knows the places of the packets that were read last, by ordinal.
type ledger struct {
	sync.Mutex
	ring [remembered]Place
	late Late
	end  Place
}

func newLedger(end Place) *ledger { return &ledger{late: make(Late), end: end} }

func (l *ledger) note(p *capture.Packet, place Place) {
	l.Lock()
	defer l.Unlock()
	l.ring[p.Ordinal%remembered] = place
	if place.Time != p.Time {
		l.late[packet{place.File, place.Number}] = place.Time
	}
}

// at is the place of the packet with an ordinal.
func (l *ledger) at(ordinal uint64) Place {
	l.Lock()
	defer l.Unlock()
	if ordinal == end {
		return l.end
	}
	return l.ring[ordinal%remembered]
}

// source passes on the packets of a run with the numbers of their files among all, and notes their places.
type source struct {
	capture.Source
	names  []string
	files  []reached // as the Source counts them
	base   Base
	ledger *ledger // nil where places are not asked for
	seen   func(*capture.Packet, Place)
}

// reached is a file and how far its packets have come.
type reached struct {
	number int32
	latest int64 // time of a packet
}

func newSource(src capture.Source, names []string, f *File, base Base) *source {
	s := &source{Source: src, names: names, files: []reached{{f.Number, math.MinInt64}}, base: base}
	if base.Packets > 0 {
		s.files[0].latest = base.Latest
	}
	if len(f.Next) == 0 {
		return s
	}
	numbers := make(map[string]int32)
	for _, n := range f.all() {
		numbers[n.Path] = n.Number
	}
	s.files = s.files[:0]
	for _, path := range src.Names() {
		s.files = append(s.files, reached{numbers[path], math.MinInt64})
	}
	return s
}

func (s *source) Read(b *capture.Batch) error {
	if err := s.Source.Read(b); err != nil {
		return err
	}
	for i := range b.Packets {
		p := &b.Packets[i]
		f := &s.files[p.File]
		p.File, p.Number = f.number, p.Number+s.base.Packets
		f.latest = max(f.latest, p.Time)
		place := Place{f.latest, f.number, p.Number}
		if s.ledger != nil {
			s.ledger.note(p, place)
		}
		if s.seen != nil {
			s.seen(p, place)
		}
	}
	return nil
}

func (s *source) Names() []string { return s.names }

// Flow tells which connections travel together: all between the same two ends, whatever tunnel they are in, and all of
// QUIC to one end.
type Flow uint64

func flowOf(s *reassembly.Segment) Flow {
	if s.Key.Protocol == reassembly.ProtocolUDP {
		return Flow(s.Key.HashEnd(s.Service))
	}
	return Flow(s.Key.Hash())
}
