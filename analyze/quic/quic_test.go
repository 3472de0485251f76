package quic

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"wshake/analyze/quic/quictest"
	"wshake/analyze/tls"
)

// log is a Handler that keeps what it is told.
type log struct {
	data   [2]map[uint64][]byte
	gaps   uint64
	ends   int
	resets int
	closes int
	hellos int
	failed [2]Reason
	lost   [Losses]bool
}

func (l *log) Hello(At, *tls.Hello) { l.hellos++ }
func (l *log) Issued(Side, []byte)  {}
func (l *log) Data(side Side, _ At, stream uint64, p []byte) {
	if l.data[side] == nil {
		l.data[side] = map[uint64][]byte{}
	}
	l.data[side][stream] = append(l.data[side][stream], p...)
}
func (l *log) Gap(_ Side, _ At, _, n uint64)           { l.gaps += n }
func (l *log) End(Side, At, uint64)                    { l.ends++ }
func (l *log) Reset(Side, At, uint64, uint64)          { l.resets++ }
func (l *log) StopSending(Side, At, uint64, uint64)    {}
func (l *log) Close(Side, At, *Close)                  { l.closes++ }
func (l *log) Undecrypted(side Side, _ At, why Reason) { l.failed[side] = why }
func (l *log) Lost(_ At, k Loss)                       { l.lost[k] = true }

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The keys of RFC 9001 §A.1 and RFC 9369 §A.1.
func TestInitialKeysOfTheRFCs(t *testing.T) {
	id := unhex(t, "8394c8f03e515708")
	for _, c := range []struct {
		version     Version
		side        Side
		key, iv, hp string
	}{
		{Version1, Client, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
		{Version1, Server, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
		{Version2, Client, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"},
	} {
		secret, p, s := initialSecrets(c.version, id)[c.side], versionParameters[c.version], &suites[0]
		for label, want := range map[string]string{p.key: c.key, p.iv: c.iv, p.hp: c.hp} {
			if got := hex.EncodeToString(expandLabel(s.hash, secret, label, len(want)/2)); got != want {
				t.Errorf("version %s, %s, %s: %s, want %s", c.version, c.side, label, got, want)
			}
		}
	}
}

// The example of RFC 9000 §A.3, and borders.
func TestPacketNumbers(t *testing.T) {
	for _, c := range []struct {
		expected, low uint64
		size          int
		want          uint64
	}{
		{0xa82f30eb, 0x9b32, 2, 0xa82f9b32}, {0, 0, 1, 0}, {0, 255, 1, 255}, {256, 255, 1, 255}, {300, 1, 1, 257}, {500, 1, 1, 513}, {1 << 20, 0xffff, 2, 1<<20 - 1},
	} {
		if got := decodeNumber(c.expected, c.low, c.size); got != c.want {
			t.Errorf("%x of %d octets where %x is expected: %x, want %x", c.low, c.size, c.expected, got, c.want)
		}
	}
}

// Whatever the order, doubles and overlaps, octets are delivered once and in order.
func TestOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		sent := make([]byte, 2000)
		for i := range sent {
			sent[i] = byte(random.Uint32())
		}
		var o order
		var got []byte
		take := func(from, to int) {
			got = append(got, o.add(At{}, uint64(from), sent[from:to])...)
			for p, ok := o.pop(); ok; p, ok = o.pop() {
				got = append(got, p.octets...)
			}
		}
		for range 60 {
			from := random.IntN(len(sent))
			take(from, min(from+random.IntN(200), len(sent)))
		}
		take(0, len(sent))
		if !bytes.Equal(got, sent) || o.held != 0 {
			t.Fatalf("seed %d: %d octets, %d held", seed, len(got), o.held)
		}
	}
}

// opened is a connection whose 1-RTT keys are known.
func opened(s *suite) (*Conn, *log, [2][]byte) {
	l := new(log)
	c := &Conn{reader: NewReader(nil, Limits{}, false), handler: l, credit: maxCredit, version: Version1, named: true, ready: true, suite: s}
	var secrets [2][]byte
	for side := range secrets {
		secrets[side] = bytes.Repeat([]byte{byte(side + 1)}, s.size)
		k := &c.keys[levelApplication][side]
		k.secret = secrets[side]
		k.derive(Version1, s)
		c.lengths[side] = []uint8{4}
	}
	return c, l, secrets
}

// seal makes a packet with a short header, so many key updates behind the first keys.
func seal(s *suite, secret []byte, updates int, number uint32, content []byte) []byte {
	return sealAs(s, secret, 0x43, updates, number, content)
}

// sealAs is seal with a first octet.
func sealAs(s *suite, secret []byte, first byte, updates int, number uint32, content []byte) []byte {
	mask := newMasker(Version1, s, secret)
	for range updates {
		secret = expandLabel(s.hash, secret, "quic ku", s.size)
	}
	k := newSealer(Version1, s, secret)
	p := []byte{first | byte(updates&1)*phaseBit, 1, 2, 3, 4}
	p = binary.BigEndian.AppendUint32(p, number)
	for len(content) < 8 {
		content = append(content, 0)
	}
	nonce := bytes.Clone(k.iv)
	for i := range 4 {
		nonce[8+i] ^= p[5+i]
	}
	p = append(p, k.aead.Seal(nil, nonce, content, p)...)
	m := mask.mask(p[9:])
	p[0] ^= m[0] & 0x1f
	for i := range 4 {
		p[5+i] ^= m[1+i]
	}
	return p
}

func stream(id byte, offset uint16, text string) []byte {
	p := binary.BigEndian.AppendUint16([]byte{0x0e, id}, 0x4000|offset)
	return append(append(p, byte(len(text))), text...)
}

// All suites; key updates of both sides; packets of the keys before that come late; several updates that were missed.
func TestKeyUpdates(t *testing.T) {
	for i := range suites {
		s := &suites[i]
		c, l, secrets := opened(s)
		for n, step := range []struct {
			side    Side
			updates int
			number  uint32
			offset  uint16
			text    string
		}{
			{Client, 0, 0, 0, "a"}, {Server, 0, 0, 0, "A"}, {Client, 1, 2, 2, "c"}, {Client, 0, 1, 1, "b"}, {Server, 1, 1, 1, "B"}, {Client, 2, 3, 3, "d"},
			{Client, 3, 5, 5, "f"}, {Client, 2, 4, 4, "e"}, {Server, 2, 2, 2, "C"},
		} {
			r := c.Datagram(step.side, At{}, seal(s, secrets[step.side], step.updates, step.number, stream(0, step.offset, step.text)))
			if r.Opened != 1 {
				t.Errorf("suite %x, step %d: %+v", s.number, n, r)
			}
		}
		if string(l.data[Client][0]) != "abcdef" || string(l.data[Server][0]) != "ABC" {
			t.Errorf("suite %x: %q, %q", s.number, l.data[Client][0], l.data[Server][0])
		}
		c, l, secrets = opened(s)
		for n := range uint32(3) {
			c.Datagram(Client, At{}, seal(s, secrets[Client], 5, 100+n, stream(0, uint16(n), "x")))
		}
		if string(l.data[Client][0]) != "xxx" {
			t.Errorf("suite %x: behind five updates that were not captured: %q", s.number, l.data[Client][0])
		}
	}
}

// What a kernel cuts into datagrams (UDP GSO) was captured as one.
func TestPacketsPutTogether(t *testing.T) {
	s := &suites[0]
	c, l, secrets := opened(s)
	var all []byte
	for n := range uint32(4) {
		text := stream(0, uint16(n), string(rune('a'+n)))
		if n < 3 {
			text = append(text, make([]byte, 1252-1-4-4-16-len(text))...)
		}
		all = append(all, seal(s, secrets[Client], 0, n, text)...)
	}
	if r := c.Datagram(Client, At{}, all); r.Opened != 4 || string(l.data[Client][0]) != "abcd" {
		t.Errorf("%+v, %q", r, l.data[Client][0])
	}
}

// The fixed bit may be cleared (RFC 9287 §3): it is no part of what is protected, but of what is authenticated.
func TestFixedBitCleared(t *testing.T) {
	for i := range suites {
		s := &suites[i]
		c, l, secrets := opened(s)
		for n := range uint32(4) {
			p := sealAs(s, secrets[Client], byte(n&1)<<6|3, 0, n, stream(0, uint16(n), string(rune('a'+n))))
			if r := c.Datagram(Client, At{}, p); r.Opened != 1 {
				t.Errorf("%v, packet %d: %+v", s, n, r)
			}
		}
		if got := string(l.data[Client][0]); got != "abcd" {
			t.Errorf("%v: %q", s, got)
		}
	}
	long := append([]byte{0x80, 0, 0, 0, 1, 0, 0, 0, 20}, make([]byte, 20)...)
	if _, ok := ParseGreased(long); !ok {
		t.Error("a long header of a known connection is refused")
	}
	if _, ok := ParseLong(long); ok {
		t.Error("a long header that begins a connection has the fixed bit")
	}
}

// Reading on costs no memory.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for i := range suites {
		s := &suites[i]
		c, _, secrets := opened(s)
		c.handler = new(quiet)
		var packets [][]byte
		for n := range uint32(300) {
			packets = append(packets, seal(s, secrets[Client], 0, n, append(stream(0, uint16(40*n), string(make([]byte, 40))), 0x02, 1, 0, 0, 0)))
		}
		n := 0
		if got := testing.AllocsPerRun(200, func() {
			c.Datagram(Client, At{}, packets[n])
			n++
		}); got != 0 {
			t.Errorf("suite %x: %v allocations a packet", s.number, got)
		}
	}
}

// quiet is a Handler that does nothing.
type quiet struct{ log }

func (*quiet) Data(Side, At, uint64, []byte) {}

// A peer that leaves holes everywhere, or opens streams without end, is not followed beyond the limits.
func TestFloods(t *testing.T) {
	s := &suites[0]
	c, l, secrets := opened(s)
	number := uint32(0)
	send := func(frames []byte) {
		c.Datagram(Client, At{}, seal(s, secrets[Client], 0, number, frames))
		number++
	}
	for i := range uint32(5000) { // every other octet of a stream
		p := binary.BigEndian.AppendUint32([]byte{0x0e, 4}, 0x80000000|(2*i+1))
		send(append(p, 1, 'x'))
	}
	if held := c.streams.held; held > c.reader.limits.Held+1000 || !l.lost[LimitHeld] {
		t.Errorf("holes: %d octets are held", held)
	}
	for i := range uint32(5000) { // streams without an end
		p := binary.BigEndian.AppendUint32([]byte{0x0a}, 0x80000000|4*(i+10))
		send(append(p, 1, 'x'))
	}
	if n := len(c.streams.open); n > c.reader.limits.Streams || !l.lost[LimitStream] {
		t.Errorf("%d streams are open", n)
	}
	r := NewReader(nil, Limits{}, false)
	id := []byte("12345678")
	first := quictest.Initial(id, nil, 0, quictest.Crypto(0, []byte{1}))
	h, _ := ParseLong(first)
	l = new(log)
	if c = r.Accept(&h, first, l); c == nil {
		t.Fatal("an Initial is not accepted")
	}
	for i := range uint32(3000) {
		c.Datagram(Client, At{}, quictest.Initial(id, nil, i, quictest.Crypto(100+2*i, []byte{1})))
	}
	if held := c.crypto[0][Client].order.held; held > r.limits.Crypto+1000 || !l.lost[LimitCrypto] {
		t.Errorf("holes in the handshake: %d octets are held", held)
	}
	if c.waiting = nil; r.limits.Waits > 0 {
		for i := range uint32(3000) {
			c.Datagram(Client, At{}, seal(s, secrets[Client], 0, i, make([]byte, 500)))
		}
		if held := c.waited; held > r.limits.Waits+2000 || !l.lost[LimitWaits] {
			t.Errorf("packets without keys: %d octets wait", held)
		}
	}
}

// Any octets: no panic, and memory within the limits.
func FuzzDatagrams(f *testing.F) {
	s := &suites[0]
	_, _, secrets := opened(s)
	f.Add(quictest.Initial([]byte("12345678"), []byte("abcd"), 0, quictest.Crypto(0, []byte("\x01\x00\x00\x02ab"))), true)
	f.Add(seal(s, secrets[Client], 0, 0, stream(0, 0, "hello")), false)
	f.Fuzz(func(t *testing.T, p []byte, begins bool) {
		c, _, secrets := opened(s)
		if h, ok := ParseLong(p); ok && begins {
			if d := NewReader(nil, Limits{}, false).Accept(&h, p, new(log)); d != nil {
				c = d
			}
		}
		c.Datagram(Client, At{}, p)
		c.Datagram(Server, At{}, p)
		if len(p) < 2000 { // as the content of a packet that opens
			c.Datagram(Client, At{}, seal(s, secrets[Client], 0, 7, p))
		}
		if c.Memory() > 4<<20 {
			t.Errorf("%d octets are taken", c.Memory())
		}
		c.Finish(At{})
	})
}

func FuzzFrame(f *testing.F) {
	f.Add(stream(0, 1, "text"))
	f.Add([]byte{0x02, 4, 0, 2, 1, 1, 1, 1, 1})
	f.Add([]byte{0x1c, 0, 0, 1, 'x'})
	f.Fuzz(func(t *testing.T, p []byte) {
		for len(p) > 0 {
			_, rest, ok := parseFrame(p)
			if !ok {
				return
			}
			if len(rest) >= len(p) {
				t.Fatal("nothing was read")
			}
			p = rest
		}
	})
}

// Storms of frames: what is remembered stays within the limits.
func TestStorms(t *testing.T) {
	number := func(n uint64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)|0x80000000) }
	frame := func(kind byte, numbers ...uint64) []byte {
		p := []byte{kind}
		for _, n := range numbers {
			p = append(p, number(n)...)
		}
		return p
	}
	const storm = 6000
	for name, make := range map[string]func(n uint64) []byte{
		"resets of streams without octets": func(n uint64) []byte { return frame(0x04, 4*n, 1, 0) },
		"resets far behind the octets":     func(n uint64) []byte { return frame(0x04, 4*n, 1, 1<<20) },
		"STOP_SENDING":                     func(n uint64) []byte { return frame(0x05, 4*n+1, 1) },
		"MAX_STREAMS":                      func(n uint64) []byte { return frame(0x12, n) },
		"streams the last first":           func(n uint64) []byte { return append(frame(0x0b, 4*(storm-n)), 1, 'x') },
		"every other stream":               func(n uint64) []byte { return append(frame(0x0b, 8*n), 1, 'x') },
		"PATH_CHALLENGE":                   func(n uint64) []byte { return append([]byte{0x1a}, append(number(n), number(n)...)...) },
		"NEW_CONNECTION_ID": func(n uint64) []byte {
			p := append(frame(0x18, n, 0), byte(n%20)+1)
			return append(p, bytes.Repeat([]byte{byte(n)}, int(n%20)+1+16)...)
		},
		"CRYPTO behind the handshake": func(n uint64) []byte { return append(frame(0x06, 2*n), 1, 'x') },
	} {
		s := &suites[0]
		c, _, secrets := opened(s)
		for n := range uint64(storm) {
			if n%100 == 0 {
				c.Expire(-1, At{Time: int64(n)})
			}
			c.Datagram(Client, At{Ordinal: n + 1, Time: int64(n)}, seal(s, secrets[Client], 0, uint32(n), make(n)))
			above := 0
			for i := range c.streams.over {
				above += len(c.streams.over[i].above[Client])
			}
			if c.Memory() > 3*c.reader.limits.All || len(c.streams.open) > c.reader.limits.Streams ||
				above > passedKept || len(c.lengths[Client]) > maxID {
				t.Fatalf("%s, %d: %d octets taken, %d streams, %d over", name, n, c.Memory(), len(c.streams.open),
					above)
			}
		}
		c.Finish(At{})
		if c.streams.held != 0 {
			t.Errorf("%s: %d octets held at the end", name, c.streams.held)
		}
	}
}

// Holes that are given up are named with their size, once each.
func TestHolesGivenUpAreNamed(t *testing.T) {
	s := &suites[0]
	c, l, secrets := opened(s)
	for n := range uint32(100) {
		p := binary.BigEndian.AppendUint32([]byte{0x0e, 4}, 0x80000000|(10*n+5))
		c.Datagram(Client, At{Ordinal: uint64(n + 1)}, seal(s, secrets[Client], 0, n, append(p, 5, 'a', 'b', 'c', 'd', 'e')))
	}
	c.Expire(1, At{Time: 2})
	if l.gaps != 500 || len(l.data[Client][4]) != 500 || c.streams.held != 0 {
		t.Errorf("%d octets named, %d delivered, %d held", l.gaps, len(l.data[Client][4]), c.streams.held)
	}
}
