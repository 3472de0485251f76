package quic

// window counts the packet numbers of a side that were passed over, as far as they are not seen later among the last 64.
// Some senders pass over a number now and then (RFC 9000 §21.4), so that it says only what may be missing.
type window struct {
	next    uint64 // behind the largest number
	seen    uint64 // which of the 64 numbers before next were captured, the lowest bit for the largest
	missing uint64
	begun   bool
}

func (w *window) add(n uint64) {
	if !w.begun {
		*w = window{next: n + 1, seen: ^uint64(0), begun: true} // what was before is not asked for
		return
	}
	if n >= w.next {
		passed := n - w.next
		w.missing += passed
		if passed >= 63 {
			w.seen = 0
		} else {
			w.seen <<= passed + 1
		}
		w.seen |= 1
		w.next = n + 1
		return
	}
	if back := w.next - 1 - n; back < 64 && w.seen&(1<<back) == 0 {
		w.seen |= 1 << back
		w.missing--
	}
}
