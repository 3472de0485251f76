package report

import (
	"slices"

	"wshake/analyze/event"
)

// Leg is an attempt as one of the two legs of a proxy, as its event says. Of an attempt that is none, Other is "".
type Leg struct {
	Conn, Other string
	Role        event.LegRole // of the other
}

// LegOf is the leg that an attempt is. A copy of another conversation is none.
func LegOf(h *event.Handshake) Leg {
	l := Leg{Conn: h.Conn.String()}
	if o := h.OtherLeg; o != nil && o.Role != event.CopyLeg && o.Conn != nil {
		l.Other, l.Role = o.Conn.String(), o.Role
	}
	return l
}

// Beside reports whether two attempts are legs of one: each names the other. In a chain of proxies one leg may name
// another that names a third.
func (l Leg) Beside(m Leg) bool { return l.Other != "" && l.Conn == m.Other && l.Other == m.Conn }

// Front reports whether the leg is the one toward the client.
func (l Leg) Front() bool { return l.Other != "" && l.Role == event.UpstreamLeg }

// Legs pairs the legs of attempts that come one after the other. Its zero value is ready.
type Legs struct {
	waiting map[string][]waitingLeg // by connection, the newest last
	count   int
}

type waitingLeg struct {
	Leg
	index int
}

// legsMost bounds the legs that wait for their other one. Beyond it those that wait stay alone.
const legsMost = 10_000

// Pair gives the index of the newest attempt that waits and is the other leg of this one; found is false where there is
// none. Then this one waits, by its own index.
func (w *Legs) Pair(l Leg, index int) (other int, found bool) {
	if l.Other == "" {
		return 0, false
	}
	list := w.waiting[l.Other]
	for i, m := range slices.Backward(list) {
		if !l.Beside(m.Leg) {
			continue
		}
		w.count--
		if list = slices.Delete(list, i, i+1); len(list) == 0 {
			delete(w.waiting, l.Other)
		} else {
			w.waiting[l.Other] = list
		}
		return m.index, true
	}
	if w.waiting == nil {
		w.waiting = make(map[string][]waitingLeg)
	}
	if w.count == legsMost {
		clear(w.waiting)
		w.count = 0
	}
	w.waiting[l.Conn] = append(w.waiting[l.Conn], waitingLeg{l, index})
	w.count++
	return 0, false
}
