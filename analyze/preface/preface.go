// Package preface reads what stands before the first request of a connection: a PROXY header, a SOCKS dialogue.
//
// It takes the octets of both sides from the beginning of a connection and says how many of them belong to the
// preface. What follows is read as if the preface were not there; what it tells is an event.Forwarded.
package preface

import (
	"net/netip"

	"wshake/analyze/event"
)

// Verdict is what the first octets of a side say.
type Verdict uint8

const (
	More Verdict = iota // not enough octets to tell
	Yes
	No
)

// Limit is the longest preface of one side, octets: a PROXY header with all its TLVs is no longer in practice.
const Limit = 4 << 10

// Reader reads a preface. Its zero value has seen nothing.
type Reader struct {
	kind kind
	// told is what the preface told so far.
	told event.Forwarded
	done [2]bool
	step [2]uint8 // of a SOCKS dialogue
	auth bool     // a SOCKS server asked for a name and a password
	why  string   // see Broken
}

type kind uint8

const (
	unknown kind = iota
	proxy
	socks4
	socks5
	none
)

// Data takes what is known of the octets of a side that were not taken before. It returns how many of them, from the
// first, are part of the preface. With More they may be, and the caller comes again with more; with No the octets of
// the side are not part of it any more, or never were.
func (r *Reader) Data(side event.Side, p []byte) (taken int, v Verdict) {
	if r.done[side] || r.kind == none {
		return 0, No
	}
	if r.kind == unknown {
		if side == event.Server {
			return 0, More // the client of every preface speaks first
		}
		if v := r.detect(p); v != Yes {
			if v == No {
				r.kind = none
			}
			return 0, v
		}
	}
	switch r.kind {
	case socks4:
		taken, v = r.socks4(side, p)
	case socks5:
		taken, v = r.socks5(side, p)
	default:
		taken, v = r.proxy(p)
	}
	if v == No || v == More && len(p) > Limit {
		r.kind = none
		return 0, No
	}
	return taken, v
}

// detect says whether a client's first octets begin a preface.
func (r *Reader) detect(p []byte) Verdict {
	if v := LooksLikeProxy(p); v != No {
		if v == Yes {
			r.kind, r.done[event.Server] = proxy, true
		}
		return v
	}
	return r.detectSOCKS(p)
}

// Over says that all of the preface has been taken.
func (r *Reader) Over() bool { return r.done[event.Client] && r.done[event.Server] }

// None says that there is no preface, or one that is not understood.
func (r *Reader) None() bool { return r.kind == none }

// Broken names a dialogue of which a part was taken and that did not come to an end that can be read behind, "" where
// there is none.
func (r *Reader) Broken() string {
	if r.kind != none {
		return ""
	}
	return r.why
}

// Told is what the preface told, nil where there was none or it is not over for the client. A PROXY header may name
// nobody.
func (r *Reader) Told() *event.Forwarded {
	if r.kind == none || !r.done[event.Client] {
		return nil
	}
	told := r.told
	return &told
}

// hostPort writes an address as events do.
func hostPort(a netip.Addr, port uint16) event.Opt[string] {
	return event.Some(netip.AddrPortFrom(a.Unmap(), port).String())
}
