package capture

// LinkType is a link-layer header type from the LINKTYPE registry (https://www.tcpdump.org/linktypes.html).
type LinkType uint32

// NoTime is the time of packets whose file holds none (pcapng simple packet blocks). It is before all others.
const NoTime = -1 << 62

// Packet is one captured packet.
type Packet struct {
	// Data holds the captured octets, link-layer header first. It is read-only and borrowed from the Batch that
	// delivered it: valid until that Batch is released or refilled.
	Data []byte
	// Time is the capture time in nanoseconds since the Unix epoch, UTC, or NoTime.
	Time int64
	// Ordinal counts the packets of the whole run in timeline order, from 1.
	Ordinal uint64
	// Number counts the packets inside their own file or interface from 1, as Wireshark shows them.
	Number uint64
	// Length is the packet's length on the wire in octets; it exceeds len(Data) where the snap length cut it.
	Length uint32
	// Link tells how Data begins.
	Link LinkType
	// File is an index into Source.Names.
	File int32
}

// set makes p what head is, field by field: head was written just before, and a copy by wider pieces than that would
// have the processor wait until all of it has gone to the cache.
func (p *Packet) set(head *Packet, ordinal uint64) {
	p.Data, p.Time, p.Ordinal, p.Number = head.Data, head.Time, ordinal, head.Number
	p.Length, p.Link, p.File = head.Length, head.Link, head.File
}

// Source is a stream of packets. It is used from one goroutine.
type Source interface {
	// Read empties b and refills it with the next packets of the timeline, at most BatchSize and at least one unless it
	// returns an error; only a live source may deliver none, after a short wait, so that its user's clocks go on.
	// io.EOF marks the end; packets read before the end are delivered first. Damage that one can
	// read past, or that ends one file of several, is reported through Options.Problem, not as an error.
	Read(b *Batch) error
	// Names gives the path (or interface) behind each Packet.File; it may grow while reading.
	Names() []string
	// Progress says how many octets of the input have been read and how many there are (0 if not known).
	Progress() (read, total int64)
	// Close releases files and mappings. Batches still in use keep what they borrow until they are released.
	Close() error
}

// BatchSize is the largest number of packets in a Batch.
const BatchSize = 512

// BatchOctets is about how many octets of packets a Batch has at most, so that what is made of one is bounded, too.
const BatchOctets = 256 << 10

// Batch is a run of packets that share storage. It is made once by its user and refilled by Source.Read;
// Release may be called from another goroutine than Read.
type Batch struct {
	Packets []Packet
	// release is called once by Release; a source whose packets outlive the batch (mapped files) leaves it nil.
	release func()
}

// Release gives the storage behind b's packets back to its source; their Data must not be used afterwards.
func (b *Batch) Release() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
	b.Packets = b.Packets[:0]
}

// OnRelease has release called once, by b.Release or by the next Read into b. A source outside this package calls it
// when it has refilled b with packets that point into storage of its own.
func (b *Batch) OnRelease(release func()) { b.release = release }

// Drops counts packets that were lost while a file was written, as the file itself says.
type Drops struct{ Kernel, Interface uint64 }

// Problem is damage found in the input: what, in which file, where. It is reported as it is met and reading goes on
// behind it where that can be trusted.
type Problem struct {
	Path   string
	Offset int64  // octets from the start of the (decompressed) file, -1 if it is the file as a whole
	Packet uint64 // number of the last packet that was read whole before it, 0 if none
	// Truncated says that the file ends inside a packet or block: the capture was cut off, not falsified.
	Truncated bool
	// Harmless says that all packets are read nevertheless.
	Harmless bool
	Err      error
}

func (p *Problem) Error() string { return problemText(p) }

func (p *Problem) Unwrap() error { return p.Err }

// Secrets is the payload of a pcapng Decryption Secrets Block.
type Secrets struct {
	File int32
	Type uint32 // secrets type, e.g. 0x544c534b for a TLS key log
	Data []byte // owned by the receiver
}
