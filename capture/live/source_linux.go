//go:build !libpcap

package live

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wshake/capture"
)

const (
	// idle is how long Read waits for a packet.
	idle = 100 * time.Millisecond
	// retireAlone is how long the kernel keeps a block that is not full where one ring is read, retireMerged where
	// several are.
	retireAlone  = 20 * time.Millisecond
	retireMerged = 8 * time.Millisecond
	// settle is the age at which no other ring can hold an older packet: the kernel looks at a block's age in steps of
	// retireMerged.
	settle = 2*retireMerged + 6*time.Millisecond
	// pause is for what poll cannot wait for: a ring whose last block is still borrowed, or a packet to settle.
	pause = 2 * time.Millisecond
)

// rings is the backend of packet sockets.
type rings struct {
	options Options
	rings   []*ring // those whose interface is there
	watched *routeSocket
	table   interfaceTable
	known   map[int32]link           // interfaces by index
	files   map[int32]*file          // those that packets came from, by index
	names   atomic.Pointer[[]string] // replaced when it grows
	ordinal uint64
	serial  uint64 // of the last lease
	octets  int64  // captured

	reading sync.Mutex // held by Read, and by Close when Read is over
	wake    alarm      // ends a wait
	stopped atomic.Bool
	closed  atomic.Bool
	ended   time.Time // when Read saw that it was stopped

	all      []*ring // those that are gone as well
	baseline map[int32]uint64
	missing  map[int32]uint64
	counting sync.Mutex // baseline, missing
}

// file is an interface that packets came from.
type file struct {
	index  int32 // in names
	number uint64
}

func open(o Options) (_ backend, err error) {
	s := &rings{
		options: o, known: make(map[int32]link), files: make(map[int32]*file),
		baseline: make(map[int32]uint64), missing: make(map[int32]uint64),
	}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if err = s.wake.open(); err != nil {
		return nil, err
	}
	// Watched before it is asked, so that no change is missed.
	if s.watched, err = openRoute(unix.RTMGRP_LINK); err != nil {
		return nil, err
	}
	if s.table.route, err = openRoute(0); err != nil {
		return nil, err
	}
	list, err := s.table.list()
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		s.known[l.index] = l
		s.baseline[l.index] = l.missing
	}
	for _, name := range o.Interfaces {
		if err := s.add(name, list); err != nil {
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
				err = missingPrivilege(err)
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

// add opens the ring of one interface, or of all.
func (s *rings) add(name string, list []link) error {
	l := link{kind: cookedFrames, up: true}
	var loopback loopbackIndex
	for _, each := range list {
		if each.loop && (name == Any || name == each.name) {
			loopback = loopbackIndex(each.index)
		}
	}
	if name != Any {
		i := slices.IndexFunc(list, func(l link) bool { return l.name == name })
		if i < 0 {
			return fmt.Errorf("no such interface; there are %s", strings.Join(namesOf(list), ", "))
		}
		l = list[i]
	}
	retire := retireAlone
	if len(s.options.Interfaces) > 1 {
		retire = retireMerged
	}
	r, err := openRing(name, l, loopback, &s.options, retire)
	if err != nil {
		return err
	}
	s.rings = append(s.rings, r)
	s.all = append(s.all, r)
	if name != Any {
		s.file(l.index)
	}
	if !l.up {
		s.options.tell(name, errDown)
	}
	return nil
}

func namesOf(list []link) (names []string) {
	for _, l := range list {
		names = append(names, l.name)
	}
	return names
}

// file gives that of an interface.
func (s *rings) file(iface int32) *file {
	f := s.files[iface]
	if f == nil {
		if _, ok := s.known[iface]; !ok {
			s.hear() // a packet may be here before the news of its interface
		}
		name := s.known[iface].name
		if name == "" {
			name = fmt.Sprintf("interface %d", iface)
		}
		names := s.Names()
		f = &file{index: int32(len(names))}
		names = append(names, name)
		s.names.Store(&names)
		s.files[iface] = f
	}
	return f
}

func (s *rings) Read(b *capture.Batch) error {
	b.Release()
	if cap(b.Packets) < capture.BatchSize {
		b.Packets = make([]capture.Packet, 0, capture.BatchSize)
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	deadline := time.Now().Add(idle)
	for {
		if s.closed.Load() {
			return io.EOF
		}
		// Stopped is asked before the rings are, so that what came before it is found.
		over := s.over()
		s.fill(b)
		switch {
		case len(b.Packets) > 0:
			return nil
		case over || len(s.rings) == 0:
			return io.EOF
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil
		}
		s.wait(left)
	}
}

// over reports whether the capture was stopped so long ago that the kernel has handed everything over.
func (s *rings) over() bool {
	if !s.stopped.Load() {
		return false
	}
	if s.ended.IsZero() {
		s.ended = time.Now()
	}
	return time.Since(s.ended) > 2*retireAlone+settle
}

// fill moves frames from the rings to b.
func (s *rings) fill(b *capture.Batch) {
	settled := time.Now().Add(-settle).UnixNano()
	s.serial++
	held := newLease(s.serial)
	for octets := 0; len(b.Packets) < capture.BatchSize && octets < capture.BatchOctets; {
		r, f, from := s.oldest(settled)
		if r == nil {
			break
		}
		b.Packets = b.Packets[:len(b.Packets)+1]
		s.take(&b.Packets[len(b.Packets)-1], r, f)
		octets += len(b.Packets[len(b.Packets)-1].Data)
		held.take(from)
		r.skip(f)
	}
	if len(b.Packets) == 0 {
		held.drop()
		return
	}
	b.OnRelease(held.free)
}

// take fills in p.
func (s *rings) take(p *capture.Packet, r *ring, f frame) {
	if r.link == cookedFrames {
		f.cooked(p)
	} else {
		f.ethernet(p)
	}
	// Not of the frame: a stacked interface shows its own index.
	iface := r.iface
	if iface == 0 {
		iface = f.iface()
	}
	from := s.file(iface)
	from.number++
	s.ordinal++
	s.octets += int64(len(p.Data))
	p.File, p.Number, p.Ordinal = from.index, from.number, s.ordinal
}

// oldest finds the frame that comes next, nil if there is none yet. It may go if every ring shows what it has next, or
// if the others had time to.
func (s *rings) oldest(settled int64) (first *ring, f frame, from *block) {
	if len(s.rings) == 1 {
		if f, from, ok := s.rings[0].head(); ok {
			return s.rings[0], f, from
		}
		return nil, nil, nil
	}
	all := true
	for _, r := range s.rings {
		head, b, ok := r.head()
		if !ok {
			all = all && r.gone
			continue
		}
		if first == nil || head.time() < f.time() {
			first, f, from = r, head, b
		}
	}
	// A clock that was set back leaves packets in the future, which do not wait.
	if first == nil || all || f.time() <= settled || f.time() > settled+int64(settle) {
		return first, f, from
	}
	return nil, nil, nil
}

// wait waits for the kernel to hand over a block or to tell of an interface, for Stop and Close, and for limit at
// most.
func (s *rings) wait(limit time.Duration) {
	fds := []unix.PollFd{{Fd: int32(s.wake.fd), Events: unix.POLLIN}, {Fd: int32(s.watched.fd), Events: unix.POLLIN}}
	pausing := s.stopped.Load()
	for _, r := range s.rings {
		// Poll looks at the last block that the kernel has filled, which may be with a batch still.
		before := &r.blocks[(r.at+len(r.blocks)-1)%len(r.blocks)]
		pausing = pausing || r.inside || before.lent.Load() || r.gone
	}
	if pausing {
		limit = min(limit, pause)
	} else {
		for _, r := range s.rings {
			fds = append(fds, unix.PollFd{Fd: int32(r.fd), Events: unix.POLLIN})
		}
	}
	if s.stopped.Load() {
		fds = fds[1:] // it stays readable
	}
	n, err := unix.Poll(fds, int(max(limit.Milliseconds(), 1)))
	if err != nil || n == 0 {
		n = 0
	}
	for _, fd := range fds {
		switch {
		case n == 0 || fd.Revents == 0 || fd.Fd == int32(s.wake.fd):
		case fd.Fd == int32(s.watched.fd):
			s.hear()
		case fd.Revents&unix.POLLERR != 0:
			for _, r := range s.rings {
				if fd.Fd == int32(r.fd) {
					r.clearError() // rtnetlink tells what it is about
				}
			}
		}
	}
	s.bury()
}

// hear takes what the kernel tells of interfaces.
func (s *rings) hear() {
	for {
		changes, _, err := s.watched.receive()
		if err == unix.ENOBUFS { // it told more than the socket holds
			s.compare()
			continue
		}
		if err != nil {
			return
		}
		for _, c := range changes {
			s.changed(c)
		}
	}
}

// compare finds out what has changed.
func (s *rings) compare() {
	list, err := s.table.list()
	if err != nil {
		return
	}
	for index, old := range s.known {
		if !slices.ContainsFunc(list, func(l link) bool { return l.index == index }) {
			s.changed(change{old, true})
		}
	}
	for _, l := range list {
		s.changed(change{l, false})
	}
}

// changed tells of a change of an interface that is captured from.
func (s *rings) changed(c change) {
	old, known := s.known[c.index]
	s.known[c.index] = c.link
	if !known {
		delete(s.files, c.index) // the index is used again
	}
	if c.gone {
		delete(s.known, c.index)
	}
	f := s.files[c.index]
	if !known || f == nil {
		return
	}
	name := s.Names()[f.index]
	switch {
	case c.gone:
		s.options.tell(name, errGone)
		for _, r := range s.rings {
			r.gone = r.gone || r.iface == c.index
		}
		return
	case old.name != c.name:
		s.options.tell(name, News(fmt.Sprintf("the interface is now called %s", c.name)))
	}
	if old.up != c.up {
		state := errUp
		if !c.up {
			state = errDown
		}
		s.options.tell(name, state)
	}
}

// bury closes the rings whose interface is gone and which are empty.
func (s *rings) bury() {
	s.rings = slices.DeleteFunc(s.rings, func(r *ring) bool {
		if !r.gone {
			return false
		}
		if _, _, ok := r.head(); ok {
			return false
		}
		if r.gaveUp.IsZero() {
			r.gaveUp = time.Now()
		}
		if time.Since(r.gaveUp) < 2*retireAlone {
			return false
		}
		r.close()
		return true
	})
}

func (s *rings) Names() []string {
	if names := s.names.Load(); names != nil {
		return *names
	}
	return nil
}

func (s *rings) Progress() (read, total int64) { return s.octets, 0 }

func (s *rings) Stats() Stats {
	var sum Stats
	for _, r := range s.all {
		one := r.count()
		sum.Packets += one.Packets
		sum.KernelDrops += one.KernelDrops
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	if list, err := s.table.list(); err == nil {
		for _, l := range list {
			if l.missing >= s.baseline[l.index] {
				s.missing[l.index] = l.missing - s.baseline[l.index]
			}
		}
	}
	for index, n := range s.missing {
		if s.captures(index) {
			sum.InterfaceDrops += n
		}
	}
	return sum
}

func (s *rings) captures(iface int32) bool {
	return slices.ContainsFunc(s.all, func(r *ring) bool { return r.iface == 0 || r.iface == iface })
}

func (s *rings) Stop() {
	for _, r := range s.all {
		r.deafen()
	}
	s.stopped.Store(true)
	s.wake.ring()
}

func (s *rings) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.wake.ring()
	s.reading.Lock()
	defer s.reading.Unlock()
	s.release()
	return nil
}

func (s *rings) release() {
	for _, r := range s.rings {
		r.close()
	}
	s.rings = nil
	if s.table.route != nil {
		s.table.close()
	}
	if s.watched != nil {
		s.watched.close()
	}
	s.wake.close()
}
