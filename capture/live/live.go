package live

import (
	"errors"
	"slices"

	"wshake/capture"
)

// Any stands for all interfaces, also for those that come up later.
const Any = "any"

// Options say what to capture. The zero value of a field other than Interfaces is usable.
type Options struct {
	// Interfaces are names, or Any alone.
	Interfaces []string
	// Buffer is the size of the kernel's ring in octets, for each interface: DefaultBuffer if 0, at least MinBuffer.
	Buffer int
	// Promiscuous asks the interface for packets that are not addressed to it. It has no effect on Any.
	Promiscuous bool
	// Snaplen is how many octets of a packet to keep; all if 0.
	Snaplen int
	// Filter is an expression in the language of package filter, or of libpcap where that is the backend. It works in the
	// kernel.
	Filter string
	// Problem is told what happens to an interface: that it is gone, after which the capture goes on without it, or News.
	// It is called from Open and Source.Read.
	Problem func(*capture.Problem)
}

// News is the Err of a Problem that does not end the capture on its interface: it went down, came up, has a new name.
type News string

func (n News) Error() string { return string(n) }

// Sizes of the ring in octets.
const (
	DefaultBuffer = 32 << 20
	MinBuffer     = 1 << 20
	maxBuffer     = 1 << 30
)

// Stats are counted from Open on, over all interfaces.
type Stats struct {
	// Packets passed the filter, those that were dropped included.
	Packets uint64
	// KernelDrops are packets that passed the filter and found the ring full.
	KernelDrops uint64
	// InterfaceDrops are packets that the network card or its driver lost before the kernel saw them.
	InterfaceDrops uint64
}

// Source captures. Besides Read and Progress, which are used from one goroutine, its methods may be called at any time
// from any.
type Source struct{ backend }

// backend is what captures on one system.
type backend interface {
	// Source: Read returns no packet where none came for 100 milliseconds, and io.EOF after Close, after Stop, and when
	// all interfaces are gone. Names are those of interfaces when they were opened; with Any one is added at its first
	// packet. Progress counts the octets that were captured. Close ends a Read that waits.
	capture.Source
	// Stop ends the capture: Read still delivers what was captured until now, then io.EOF.
	Stop()
	Stats() Stats
}

// Open begins to capture. Its error satisfies errors.Is(err, fs.ErrPermission) if privileges are missing, and says
// which; after Open they are not needed any more. It is a *filter.Error, unless libpcap compiles it, if the filter is
// at fault.
func Open(o Options) (*Source, error) {
	if len(o.Interfaces) == 0 {
		return nil, errors.New("no interface to capture from")
	}
	o.Interfaces = slices.Clone(o.Interfaces)
	for i, name := range o.Interfaces {
		if slices.Contains(o.Interfaces[:i], name) {
			return nil, errors.New(name + ": interface named twice")
		}
		if name == Any && len(o.Interfaces) > 1 {
			return nil, errors.New("any is all interfaces; name no others beside it")
		}
	}
	if o.Buffer == 0 {
		o.Buffer = DefaultBuffer
	}
	o.Buffer = min(max(o.Buffer, MinBuffer), maxBuffer)
	if o.Snaplen <= 0 || o.Snaplen > wholePacket {
		o.Snaplen = wholePacket
	}
	b, err := open(o)
	if err != nil {
		return nil, err
	}
	return &Source{b}, nil
}

// wholePacket is a snap length that no packet reaches, in octets; it is tcpdump's.
const wholePacket = 262144
