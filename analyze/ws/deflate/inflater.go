package deflate

// Config is what the handshake settled for one direction.
type Config struct {
	// WindowBits is the agreed *_max_window_bits of the sender, 8 to 15; anything else means 15.
	WindowBits int
	// NoContextTakeover says that the sender agreed to begin each message without history.
	NoContextTakeover bool
	// Pool lends the memory. Inflaters of one Pool are used from one goroutine. Nil means a Pool of the Inflater's own.
	Pool *Pool
}

func (c Config) window() int {
	if c.WindowBits < 8 || c.WindowBits > 15 {
		return history
	}
	return 1 << c.WindowBits
}

// Inflater inflates the compressed messages of one direction of a connection. Uncompressed messages are not part of
// its history (RFC 7692 section 6.1) and are not written to it. It is not safe for concurrent use.
type Inflater struct {
	cfg  Config
	pool *Pool

	// The input at hand: in[next:] and the low n bits of bits, which precede it. Higher bits of bits are either
	// zero or already those of in[next:].
	in   []byte
	next int
	bits uint64
	n    uint
	read int64 // octets of the message before in

	state   state
	final   bool
	fixed   bool
	empty   bool // the last whole block was stored and empty
	stored  int  // octets of a stored block still to come
	lits    int  // code lengths of literals and lengths
	dists   int  // code lengths of distances
	orders  int  // code lengths of the code length code
	have    int  // code lengths read
	lengths [maxLits + maxDists]uint8
	order   [19]uint8

	// The window: buf[low:pos] is history, buf[given:pos] not yet handed out, start the index of the message's first
	// octet (negative once that slid away). Of buf[low:clean] some octets are unknown, those whose octet in marks is not
	// 0; buf[clean:pos] is known. There are no marks where low == clean.
	buf     []byte
	marks   []byte
	pos     int
	given   int
	low     int
	clean   int
	start   int64
	unknown bool // octets were sent before buf[low] that we do not know

	between bool // no message is open
	failed  bool // the rest of the message is only counted
	err     error
	facts   Facts

	newer, older *Inflater // in the Pool, while a window is held
}

// Output takes what messages inflate to, in order.
type Output interface {
	// Octets takes the next octets. They are borrowed until it returns and may not be changed.
	Octets(p []byte)
	// Unknown says that the next n octets are unknown: they repeat history that was not captured.
	Unknown(n int)
}

// New makes an Inflater for a direction whose first compressed message is yet to come. It takes less than 1 KiB, and
// no window before output needs one.
func New(cfg Config) *Inflater {
	z := new(Inflater)
	z.Reset(cfg)
	return z
}

// Reset makes z as New does, for another direction. Its window goes back to its Pool.
func (z *Inflater) Reset(cfg Config) {
	z.Release()
	pool := cfg.Pool
	if pool == nil {
		pool = NewPool(0)
	}
	*z = Inflater{cfg: cfg, pool: pool, between: true}
}

// Release gives the window back to the Pool. History is unknown from then on.
func (z *Inflater) Release() {
	if z.buf != nil {
		z.pool.release(z)
	}
	z.Forget()
}

// Write inflates the next compressed octets of the current message, or the first ones of the next. p is borrowed until
// Write returns. out must not use z other than to call Discard, nor another Inflater of the same Pool.
//
// A *CorruptError or ErrStopped is returned once; the rest of the message is then counted and otherwise ignored.
func (z *Inflater) Write(p []byte, out Output) error {
	z.open()
	z.facts.InputBytes += int64(len(p))
	if !z.failed {
		z.run(p, out)
		z.flush(out)
	}
	return z.settle()
}

// End tells that the message is over, which acts as if 00 00 ff ff followed (RFC 7692 section 7.2.2). It returns
// errors as Write does; data that ends inside a block is corrupt. The next call of Write begins another message.
func (z *Inflater) End(out Output) error {
	z.open()
	z.between = true
	switch {
	case z.failed:
	case z.state == blockHeader && z.n < 3:
		z.facts.TailKept = z.empty
		z.facts.Unflushed = !z.empty
	default:
		z.complete(out)
		z.flush(out)
	}
	return z.settle()
}

// tail is what a sender removes from the end of a message (RFC 7692 section 7.2.1).
var tail = [4]byte{0, 0, 0xff, 0xff}

// complete runs the tail that the sender removed. Inside a block it inflates to something, too, which is handed out
// only if the block ends with it.
func (z *Inflater) complete(out Output) {
	if z.state != storedLength || z.n > 0 {
		z.reserve(tailRoom, out)
	}
	pos, clean, facts := z.pos, z.clean, z.facts
	z.run(tail[:], out)
	if z.failed || z.err == nil && z.state == blockHeader && z.n == 0 {
		return
	}
	z.pos, z.clean, z.facts = pos, clean, facts
	z.err = &CorruptError{Offset: z.facts.InputBytes, Reason: "message ends inside a block"}
}

// open begins a message if none is open.
func (z *Inflater) open() {
	if !z.between {
		return
	}
	z.between, z.failed, z.err = false, false, nil
	z.facts = Facts{}
	z.start = int64(z.pos)
	z.bits, z.n, z.read = 0, 0, 0
	z.state, z.empty = blockHeader, false
}

// settle hands out an error once. What follows in the message, and its part in the history, cannot be known.
func (z *Inflater) settle() error {
	err := z.err
	if err != nil {
		z.err = nil
		z.failed = true
		z.forget()
	}
	return err
}

// Discard gives up the rest of the current message, as a caller does that has seen enough of it; it may be called from
// out. The Write or End it is called from, else the next, returns ErrStopped. With context takeover history is lost
// with the message; to keep it, go on writing and ignore the output.
func (z *Inflater) Discard() {
	if z.between || z.failed || z.err != nil {
		return
	}
	z.failed = true
	z.err = ErrStopped
	z.forget()
}

// Forget tells that octets may have been compressed that were not written: the capture began in the middle, or has a
// gap. The current message, if any, is given up without an error. Of later messages those octets are unknown that
// repeat what was not written.
func (z *Inflater) Forget() {
	z.failed = true
	z.forget()
}

func (z *Inflater) forget() {
	z.unknown = true
	z.unmark()
	z.low, z.clean = z.pos, z.pos
}

// Lost says that the next message may repeat octets that are not known: after an error, Discard, Forget, or when the
// Pool took the window. It ends when the last octets, as many as the agreed window holds, are all known. Without
// context takeover nothing is lost.
func (z *Inflater) Lost() bool {
	return z.unknown && !z.cfg.NoContextTakeover && z.pos-z.clean < z.cfg.window()
}

// Facts tells of the current message; between messages, of the last.
func (z *Inflater) Facts() Facts {
	f := z.facts
	f.OutputBytes = int64(z.pos) - z.start
	return f
}
