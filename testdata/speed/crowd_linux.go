package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// crowd is many clients and one server that hold real WebSocket conversations over a wire: connections come, are
// refused now and then, say something over and over, close and come again.
type crowd struct {
	wire     *wire
	listener net.Listener
	stopping chan struct{}
	clients  sync.WaitGroup
	slowest  int64        // of pause at the beginning, to bound what it becomes
	pause    atomic.Int64 // between two messages of a connection, nanoseconds on average

	open                 atomic.Int64
	established, refused atomic.Uint64 // handshakes whose answer the client has
	broken               atomic.Uint64 // connections that ended as they must not
	reason               atomic.Value  // an error, of the last of them
}

const (
	crowdPort = "8080"
	// A connection lives for 10 to 30 seconds.
	shortest, longest = 10 * time.Second, 30 * time.Second
	// One upgrade of so many is refused.
	refusedOf = 20
	// packetsPerMessage: it, its echo, and some of their acknowledgements.
	packetsPerMessage = 2.5
	// patience is how long anything is waited for.
	patience = 20 * time.Second
)

// newCrowd lets the first connections come, within a few seconds.
func newCrowd(w *wire, open, rate int) (*crowd, error) {
	c := &crowd{wire: w, stopping: make(chan struct{})}
	c.slowest = int64(float64(open) * packetsPerMessage / float64(rate) * float64(time.Second))
	c.pause.Store(c.slowest)
	err := w.near.Do(func() (err error) {
		c.listener, err = net.Listen("tcp", net.JoinHostPort(nearHost, crowdPort))
		return err
	})
	if err != nil {
		return nil, err
	}
	go c.serve()
	for range open {
		c.clients.Add(1)
		go c.client()
	}
	return c, nil
}

// keepTo changes how often something is said, so that there are as many packets per second as wanted.
func (c *crowd) keepTo(wanted int, measured float64) {
	change := min(max(measured/float64(wanted), 0.8), 1.25)
	c.pause.Store(min(max(int64(float64(c.pause.Load())*change), c.slowest/4), c.slowest*4))
}

// end lets all connections end, and returns when they are over on both sides.
func (c *crowd) end() error {
	close(c.stopping)
	c.clients.Wait()
	c.listener.Close()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		near, err := c.wire.near.Connections()
		if err != nil {
			return err
		}
		far, err := c.wire.far.Connections()
		if err != nil || near+far == 0 {
			return err
		}
		if time.Since(begun) > patience {
			return fmt.Errorf("%d connections do not end", near+far)
		}
	}
}

// sleep reports whether there is more to do after d.
func (c *crowd) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.stopping:
		return false
	}
}

// client holds one conversation after the other.
func (c *crowd) client() {
	defer c.clients.Done()
	for d := rand.N(3 * time.Second); c.sleep(d); d = rand.N(100 * time.Millisecond) {
		if err := c.converse(); err != nil {
			c.broken.Add(1)
			c.reason.Store(err)
		}
	}
}

var errOdd = errors.New("an answer that was not expected")

func (c *crowd) converse() error {
	var conn net.Conn
	err := c.wire.far.Do(func() (err error) {
		conn, err = net.DialTimeout("tcp", c.listener.Addr().String(), patience)
		return err
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	life := shortest + rand.N(longest-shortest)
	conn.SetDeadline(time.Now().Add(life + patience))
	path := "/room"
	if rand.IntN(refusedOf) == 0 {
		path = "/forbidden"
	}
	var nonce [16]byte
	binary.NativeEndian.PutUint64(nonce[:], rand.Uint64())
	binary.NativeEndian.PutUint64(nonce[8:], rand.Uint64())
	key := base64.StdEncoding.EncodeToString(nonce[:])
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
		path, c.listener.Addr(), key)
	in := bufio.NewReaderSize(conn, 512)
	answer, err := http.ReadResponse(in, nil)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusForbidden:
		c.refused.Add(1)
		return nil
	case answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != ws.Accept(key):
		return errOdd
	}
	c.established.Add(1)
	c.open.Add(1)
	defer c.open.Add(-1)
	var frame [140]byte
	for begun := time.Now(); time.Since(begun) < life && c.sleep(time.Duration(c.pause.Load()/2+rand.Int64N(c.pause.Load()))); {
		if err := c.say(conn, in, frame[:], byte(event.OpText), 30+rand.IntN(90)); err != nil {
			return err
		}
	}
	if err := c.say(conn, in, frame[:], byte(event.OpClose), 2); err != nil {
		return err
	}
	_, err = in.ReadByte() // the server closes first (RFC 6455 §7.1.1)
	if err != io.EOF {
		return errOdd
	}
	return nil
}

// Parts of a frame (RFC 6455 §5.2).
const (
	final     = 0x80
	masked    = 0x80
	header    = 2
	maskSize  = 4
	closeCode = 1000
)

// say sends a frame of n octets, fewer than 126, and waits for its echo.
func (c *crowd) say(conn net.Conn, in *bufio.Reader, frame []byte, opcode byte, n int) error {
	frame = frame[:header+maskSize+n]
	frame[0], frame[1] = final|opcode, masked|byte(n)
	binary.NativeEndian.PutUint32(frame[header:], rand.Uint32())
	mask, payload := frame[header:header+maskSize], frame[header+maskSize:]
	for i := range payload {
		payload[i] = 'a' + byte(i%26)
	}
	if opcode == byte(event.OpClose) {
		binary.BigEndian.PutUint16(payload, closeCode)
	}
	for i := range payload {
		payload[i] ^= mask[i%maskSize]
	}
	if _, err := conn.Write(frame); err != nil {
		return err
	}
	got, err := in.Peek(header + n)
	if err != nil {
		return err
	}
	if got[0] != final|opcode || got[1] != byte(n) {
		return errOdd
	}
	_, err = in.Discard(len(got))
	return err
}

func (c *crowd) serve() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		go answer(conn)
	}
}

// answer lets a client in or not, and sends back what it says.
func answer(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(longest + 2*patience))
	in := bufio.NewReaderSize(conn, 512)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	if request.URL.Path == "/forbidden" {
		io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return
	}
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", ws.Accept(request.Header.Get("Sec-WebSocket-Key")))
	for {
		h, err := in.Peek(header)
		if err != nil {
			return
		}
		n := int(h[1] &^ masked)
		frame, err := in.Peek(header + maskSize + n)
		if err != nil {
			return
		}
		mask, payload := frame[header:header+maskSize], frame[header+maskSize:]
		for i := range payload {
			payload[i] ^= mask[i%maskSize]
		}
		opcode := frame[0] &^ final
		// The header of the echo takes the place of the end of the mask.
		frame[maskSize], frame[maskSize+1] = final|opcode, byte(n)
		if _, err := conn.Write(frame[maskSize:]); err != nil || opcode == byte(event.OpClose) {
			return
		}
		in.Discard(header + maskSize + n)
	}
}
