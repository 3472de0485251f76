//go:build libpcap

package live

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcap"

	"wshake/capture"
)

const (
	// idle is how long Read waits for a packet.
	idle = 100 * time.Millisecond
	// turn is how long one interface of several is waited for.
	turn = 5 * time.Millisecond
	// handover is how long at most the kernel keeps packets, which it does for about a turn, before it hands them over.
	handover = 50 * time.Millisecond
	// storageSize is how many octets of packets a batch holds at least, if there are as many.
	storageSize = 1 << 20
)

// handles is the backend of libpcap. It copies packets, as libpcap's buffer is good for one only.
type handles struct {
	options Options
	using   sync.Mutex // the handles, for a turn at a time
	open    []*handle  // those that still give packets
	all     []*handle
	names   []string
	ordinal uint64
	octets  int64 // captured
	last    Stats // of when it was closed
	closed  atomic.Bool
	stopped atomic.Int64 // when, in nanoseconds since the Unix epoch, 0 if it was not
	ended   time.Time    // when Read saw that it was stopped
}

// handle is one interface.
type handle struct {
	*pcap.Handle
	name   string
	file   int32
	link   capture.LinkType
	number uint64
	done   bool // after Stop: all from before it was read
}

func open(o Options) (_ backend, err error) {
	s := &handles{options: o}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	for i, name := range o.Interfaces {
		h, err := openHandle(name, &o)
		if err != nil {
			if text := strings.ToLower(err.Error()); strings.Contains(text, "permission") || strings.Contains(text, "not permitted") {
				err = missingPrivilege(fmt.Errorf("%w: %w", fs.ErrPermission, err))
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.all = append(s.all, &handle{Handle: h, name: name, file: int32(i), link: capture.LinkType(h.LinkType())})
		s.names = append(s.names, name)
	}
	s.open = slices.Clone(s.all)
	return s, nil
}

func openHandle(name string, o *Options) (*pcap.Handle, error) {
	h, err := pcap.NewInactiveHandle(name)
	if err != nil {
		return nil, err
	}
	defer h.CleanUp()
	if err := h.SetSnapLen(o.Snaplen); err != nil {
		return nil, err
	}
	if err := h.SetPromisc(o.Promiscuous && name != Any); err != nil {
		return nil, err
	}
	if err := h.SetBufferSize(o.Buffer); err != nil {
		return nil, err
	}
	if err := h.SetTimeout(turn); err != nil {
		return nil, err
	}
	active, err := h.Activate()
	if err != nil {
		return nil, err
	}
	if o.Filter != "" {
		if err := active.SetBPFFilter(o.Filter); err != nil {
			active.Close()
			return nil, fmt.Errorf("filter: %w", err)
		}
	}
	return active, nil
}

var storages = sync.Pool{New: func() any {
	b := make([]byte, 0, storageSize)
	return &b
}}

func (s *handles) Read(b *capture.Batch) error {
	b.Release()
	if cap(b.Packets) < capture.BatchSize {
		b.Packets = make([]capture.Packet, 0, capture.BatchSize)
	}
	storage := storages.Get().(*[]byte)
	*storage = (*storage)[:0]
	for deadline := time.Now().Add(idle); len(b.Packets) == 0; {
		if s.closed.Load() || len(s.open) == 0 {
			storages.Put(storage)
			return io.EOF
		}
		s.round(b, storage)
		if time.Now().After(deadline) {
			break
		}
	}
	// Each interface has its own buffer; what they had at the same time is put in order.
	slices.SortStableFunc(b.Packets, func(a, b capture.Packet) int { return int(a.Time - b.Time) })
	for i := range b.Packets {
		s.ordinal++
		b.Packets[i].Ordinal = s.ordinal
	}
	b.OnRelease(func() { storages.Put(storage) })
	return nil
}

// round gives each interface its turn.
func (s *handles) round(b *capture.Batch, storage *[]byte) {
	s.using.Lock()
	defer s.using.Unlock()
	if s.closed.Load() {
		return
	}
	share := capture.BatchSize / len(s.open)
	for _, h := range s.open {
		for n := 0; n < max(share, 1) && len(b.Packets) < capture.BatchSize; n++ {
			if !s.take(h, b, storage) {
				break
			}
		}
	}
	s.open = slices.DeleteFunc(s.open, func(h *handle) bool { return h.done })
}

// take reads a packet, or reports that there is none now.
func (s *handles) take(h *handle, b *capture.Batch, storage *[]byte) bool {
	stopped := s.stopped.Load() // asked first, so that what came before it is found
	if stopped != 0 && s.ended.IsZero() {
		s.ended = time.Now()
	}
	data, info, err := h.ZeroCopyReadPacketData()
	switch {
	case err == pcap.NextErrorTimeoutExpired:
		h.done = stopped != 0 && time.Since(s.ended) > handover
		return false
	case err == pcap.NextErrorReadError:
		s.options.tell(h.name, fmt.Errorf("%w; nothing more is captured on it", h.Error()))
		h.done = true
		return false
	case err != nil:
		h.done = true
		return false
	case stopped != 0 && info.Timestamp.UnixNano() > stopped:
		h.done = true
		return false
	}
	h.number++
	s.octets += int64(len(data))
	b.Packets = append(b.Packets, h.packet(keep(storage, data), &info))
	return true
}

func (h *handle) packet(data []byte, info *gopacket.CaptureInfo) capture.Packet {
	return capture.Packet{
		Data: data, Time: info.Timestamp.UnixNano(), Number: h.number, Length: uint32(max(info.Length, len(data))), Link: h.link, File: h.file,
	}
}

// keep copies data to where the batch can hold it.
func keep(storage *[]byte, data []byte) []byte {
	start := len(*storage)
	if start+len(data) > cap(*storage) {
		return append([]byte(nil), data...)
	}
	*storage = append(*storage, data...)
	return (*storage)[start:len(*storage):len(*storage)]
}

func (s *handles) Names() []string { return s.names }

func (s *handles) Progress() (read, total int64) { return s.octets, 0 }

func (s *handles) Stats() Stats {
	s.using.Lock()
	defer s.using.Unlock()
	return s.count()
}

// count asks libpcap, which counts from the opening on.
func (s *handles) count() Stats {
	if s.closed.Load() && s.all == nil {
		return s.last
	}
	var sum Stats
	for _, h := range s.all {
		if one, err := h.Handle.Stats(); err == nil {
			sum.Packets += uint64(one.PacketsReceived)
			sum.KernelDrops += uint64(one.PacketsDropped)
			sum.InterfaceDrops += uint64(one.PacketsIfDropped)
		}
	}
	return sum
}

func (s *handles) Stop() { s.stopped.CompareAndSwap(0, time.Now().UnixNano()) }

func (s *handles) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.using.Lock()
	defer s.using.Unlock()
	s.last = s.count()
	s.release()
	return nil
}

func (s *handles) release() {
	for _, h := range s.all {
		h.Close()
	}
	s.all = nil
}
