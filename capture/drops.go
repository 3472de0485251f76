package capture

import (
	"fmt"
	"math"
)

// unknownDrops is the drops_count of an obsolete packet block that says nothing.
const unknownDrops = math.MaxUint16

// maxDrops is the most that one counter is believed, so that hostile ones do not overflow their sum.
const maxDrops = 1 << 40

// dropCounters are what a pcapng file says of the packets that one interface lost. Packet blocks count those since the
// packet before them; statistics count all, and say whether the system or the interface lost them.
type dropCounters struct {
	packets           uint64 // by epb_dropcount and drops_count
	system, device    uint64 // by isb_osdrop and isb_ifdrop
	accepted, handed  uint64 // by isb_filteraccept and isb_usrdeliv
	bySystem          bool   // isb_osdrop was there
	acceptedAndHanded bool
}

// total gives each lost packet once: packets that only packet blocks count are taken for lost by the system.
func (d *dropCounters) total() Drops {
	t := Drops{Kernel: d.system, Interface: d.device}
	if !d.bySystem && d.acceptedAndHanded && d.accepted > d.handed {
		t.Kernel = d.accepted - d.handed
	}
	if d.packets > d.device {
		t.Kernel = max(t.Kernel, d.packets-d.device)
	}
	return t
}

// count changes what is known of an interface's losses, and tells the difference.
func (r *pcapngReader) count(i *iface, change func(*dropCounters)) {
	before := i.drops.total()
	change(&i.drops)
	after := i.drops.total()
	r.observer.dropped(int64(after.Kernel-before.Kernel), int64(after.Interface-before.Interface))
}

// statistics reads the counters of an interface statistics block, which count from the beginning of the capture.
func (r *pcapngReader) statistics(b block, body []byte) {
	var s dropCounters
	var seen [isbDelivered + 1]bool
	err := r.options(body[12:], func(code uint16, value []byte) error {
		if code < isbIfDrop || code > isbDelivered || len(value) != 8 {
			return nil
		}
		seen[code] = true
		n := min(r.order.u64(value), maxDrops)
		switch code {
		case isbIfDrop:
			s.device = n
		case isbOSDrop:
			s.system = n
		case isbAccepted:
			s.accepted = n
		case isbDelivered:
			s.handed = n
		}
		return nil
	})
	if err != nil {
		r.damaged(b, fmt.Errorf("%s: %w", b, err))
	}
	id := r.order.u32(body)
	if id >= uint32(len(r.ifaces)) || !seen[isbIfDrop] && !seen[isbOSDrop] && !(seen[isbAccepted] && seen[isbDelivered]) {
		return
	}
	r.count(&r.ifaces[id], func(d *dropCounters) {
		d.system, d.device = max(d.system, s.system), max(d.device, s.device)
		d.bySystem = d.bySystem || seen[isbOSDrop]
		if seen[isbAccepted] && seen[isbDelivered] {
			d.accepted, d.handed, d.acceptedAndHanded = s.accepted, s.handed, true
		}
	})
}

// Dropped is how many packets the files of src say were lost, as far as they were read. known is false where no file
// has counted. It is called when reading is over, or by the goroutine that reads.
func Dropped(src Source) (d Drops, known bool) {
	t, ok := src.(*timeline)
	if !ok {
		return d, false
	}
	for _, s := range t.streams {
		d.Kernel += s.drops.Kernel
		d.Interface += s.drops.Interface
		known = known || s.dropsKnown
	}
	return d, known
}

// SnapLength is the smallest snap length that the files of src declare, as far as they were read, octets; 0 where none
// does. Packets may be longer nevertheless: writers that see offloaded segments do not cut them.
func SnapLength(src Source) uint32 {
	t, ok := src.(*timeline)
	if !ok {
		return 0
	}
	least := uint32(0)
	for _, s := range t.streams {
		if s.snaplen > 0 && (least == 0 || s.snaplen < least) {
			least = s.snaplen
		}
	}
	return least
}
