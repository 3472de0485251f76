package part

import (
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"wshake/capture"
	"wshake/reassembly"
)

// merged is the Source of a file's own packets and of the segments that came from other files, in the order of their
// places. So what has its home here is analysed together with what is here alone, from one reading.
type merged struct {
	*source
	arrived  *arrivals
	ledger   *ledger
	ordinal  uint64
	own      *lent   // a batch of the file's own packets that was not given whole
	next     int     // in own
	places   []Place // of the packets that source has read
	over     bool    // the file is
	first    uint64  // ordinal of the first packet of the newest batch
	segments []bool  // which packets of that are segments that arrived; nil where none is
}

func newMerged(in *source, arrived *arrivals, l *ledger) *merged {
	m := &merged{source: in, arrived: arrived, ledger: l}
	in.seen = func(_ *capture.Packet, place Place) { m.places = append(m.places, place) }
	return m
}

// lent is a batch whose packets are given in several.
type lent struct {
	capture.Batch
	users atomic.Int32
}

func (l *lent) release() {
	if l.users.Add(-1) == 0 {
		l.Release()
	}
}

func (m *merged) Read(b *capture.Batch) error {
	b.Release()
	m.first, m.segments = m.ordinal+1, m.segments[:0]
	if m.own == nil && !m.over {
		m.places = m.places[:0]
		switch err := m.source.Read(b); {
		case errors.Is(err, io.EOF):
			m.over = true
		case err != nil:
			return err
		case m.arrived.Len() == 0 || slices.MaxFunc(m.places, Place.Compare).Compare((*m.arrived)[0].place) < 0:
			for i := range b.Packets { // nearly always: nothing that arrived belongs between them
				m.number(&b.Packets[i], m.places[i])
			}
			return nil
		default:
			m.own, m.next = &lent{Batch: *b}, 0
			m.own.users.Store(1)
			*b = capture.Batch{}
		}
	}
	octets, lends := 0, false
	for len(b.Packets) < capture.BatchSize && octets < capture.BatchOctets {
		own := m.own != nil && (m.arrived.Len() == 0 || m.places[m.next].Compare((*m.arrived)[0].place) < 0)
		if !own && m.arrived.Len() == 0 {
			break
		}
		n := len(b.Packets)
		if own {
			b.Packets = append(b.Packets, m.own.Packets[m.next])
			lends = true
			m.number(&b.Packets[n], m.places[m.next])
			m.next++
		} else {
			data, time, place, err := m.arrived.next()
			if err != nil {
				return err
			}
			b.Packets = append(b.Packets,
				capture.Packet{Data: data, Time: time, Number: place.Number, File: place.File})
			m.number(&b.Packets[n], place)
		}
		m.segments = append(m.segments, !own)
		octets += len(b.Packets[n].Data)
		if own && m.next == len(m.own.Packets) {
			break // what follows in the file is not known yet
		}
	}
	if lends {
		m.own.users.Add(1)
		b.OnRelease(m.own.release)
		if m.next == len(m.own.Packets) {
			m.own.release()
			m.own = nil
		}
	}
	if len(b.Packets) == 0 {
		return io.EOF
	}
	return nil
}

// number gives a packet its ordinal.
func (m *merged) number(p *capture.Packet, place Place) {
	m.ordinal++
	p.Ordinal = m.ordinal
	m.ledger.note(p, place)
}

// segment fills s where p is a segment that arrived. It is asked for the packets of the newest batch.
func (m *merged) segment(p *capture.Packet, s *reassembly.Segment) (bool, error) {
	i := p.Ordinal - m.first
	if i >= uint64(len(m.segments)) || !m.segments[i] {
		return false, nil
	}
	return true, readSegment(p, s)
}
