package part

import (
	"reflect"
	"slices"
	"sync"

	"wshake/analyze/event"
)

// numbered gives all packets and connections that records name ordinals in one order, and makes of equal connections
// and heads, of which each record has its own, one again.
type numbered struct {
	late     Late
	ordinals []ordinal
	conns    map[event.Conn]*event.Conn
	heads    map[*event.Conn][]*event.Head // of requests that have no handshake yet
	ids      map[uint64]string             // names of connections, by ordinal
	named    []named
}

func newNumbered() *numbered {
	return &numbered{late: make(Late), conns: make(map[event.Conn]*event.Conn), ids: make(map[uint64]string)}
}

// ordinal is a number that is to be given, and whose it is.
type ordinal struct {
	place Place
	to    *uint64
}

// named is a connection whose name is to be known by its ordinal.
type named struct {
	ordinal *uint64
	id      string
}

var (
	typeAt        = reflect.TypeFor[event.At]()
	typeConn      = reflect.TypeFor[event.Conn]()
	typeNoConnect = reflect.TypeFor[event.NoConnect]()
)

// visit takes note of all packets in v, which is a pointer.
func (n *numbered) visit(v any) { n.walk(reflect.ValueOf(v)) }

func (n *numbered) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n.walk(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		if !mayHold(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			n.walk(v.Index(i))
		}
	case reflect.Struct:
		n.walkStruct(v)
	}
}

func (n *numbered) walkStruct(v reflect.Value) {
	switch v.Type() {
	case typeAt:
		at := v.Addr().Interface().(*event.At)
		if at.Ordinal != 0 {
			n.ordinals = append(n.ordinals, ordinal{n.late.place(at), &at.Ordinal})
		}
		return
	case typeConn:
		c := v.Addr().Interface().(*event.Conn)
		n.ordinals = append(n.ordinals, ordinal{n.late.place(&c.First), &c.Ordinal})
		n.named = append(n.named, named{&c.Ordinal, ConnOf(c)})
	case typeNoConnect:
		e := v.Addr().Interface().(*event.NoConnect)
		n.ordinals = append(n.ordinals, ordinal{n.late.place(&e.First), &e.Ordinal})
		n.named = append(n.named, named{&e.Ordinal, connID(e.Peer, e.QUIC, &e.First)})
	}
	for _, i := range holding(v.Type()) {
		n.walk(v.Field(i))
	}
}

// eachPacket calls f with each packet in v.
func eachPacket(v reflect.Value, f func(*event.At)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachPacket(v.Elem(), f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !mayHold(v.Type().Elem()) {
				return
			}
			eachPacket(v.Index(i), f)
		}
	case reflect.Struct:
		if v.Type() == typeAt {
			f(v.Addr().Interface().(*event.At))
			return
		}
		for _, i := range holding(v.Type()) {
			eachPacket(v.Field(i), f)
		}
	}
}

// holders remembers what holding found, by type.
var holders sync.Map

// holding lists the fields of a struct that may hold packets.
func holding(t reflect.Type) (fields []int) {
	if known, is := holders.Load(t); is {
		return known.([]int)
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && mayHold(f.Type) {
			fields = append(fields, i)
		}
	}
	holders.Store(t, fields)
	return fields
}

// mayHold tells whether values of a type may hold packets.
func mayHold(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return mayHold(t.Elem())
	case reflect.Struct:
		return t.PkgPath() != "net/netip"
	}
	return false
}

// number gives the ordinals.
func (n *numbered) number() {
	slices.SortFunc(n.ordinals, func(a, b ordinal) int { return a.place.Compare(b.place) })
	count := uint64(Marked)
	for i, o := range n.ordinals {
		if i == 0 || o.place != n.ordinals[i-1].place {
			count++
		}
		*o.to = count
	}
	n.ordinals = nil
	for _, c := range n.named {
		n.ids[*c.ordinal] = c.id
	}
	n.named = nil
}

// intern makes equal connections one, and the head of a request the head of its handshake.
func (n *numbered) intern(r *Record) {
	c := r.conn()
	n.conn(c)
	switch {
	case r.Request != nil:
		if n.heads == nil {
			n.heads = make(map[*event.Conn][]*event.Head)
		}
		n.heads[*c] = append(n.heads[*c], r.Request.Head)
	case r.Handshake != nil:
		n.head(r.Handshake)
		for _, f := range r.Handshake.Findings {
			n.finding(f)
		}
	case r.Finding != nil:
		n.finding(r.Finding)
	case r.Connection != nil:
		delete(n.heads, *c)
	}
	for _, e := range []*event.Abrupt{r.SameIdle, r.SameAge} {
		if e != nil {
			n.conn(&e.Conn)
		}
	}
}

func (n *numbered) finding(f *event.Finding) {
	n.conn(&f.Conn)
	if f.Follows != nil {
		n.conn(&f.Follows.Conn)
	}
}

func (n *numbered) conn(c **event.Conn) {
	if *c == nil {
		return
	}
	one := n.conns[**c]
	if one == nil {
		one = *c
		n.conns[**c] = one
	}
	*c = one
}

func (n *numbered) head(h *event.Handshake) {
	if h.Request == nil {
		return
	}
	list := n.heads[h.Conn]
	for i, q := range list {
		if q.Offset == h.Request.Offset && q.First == h.Request.First && q.StartLine == h.Request.StartLine {
			h.Request = q
			n.heads[h.Conn] = list[i+1:]
			return
		}
	}
}
