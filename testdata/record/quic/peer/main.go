// Peer has github.com/quic-go/quic-go on both ends, with WebSockets over HTTP/3 (RFC 9220) framed by
// github.com/gobwas/ws: peer [NAME=VALUE]..., with
//
//	suite=aes128|aes256|chacha   the cipher suite
//	version=1|2                  of QUIC
//	sockets=N                    at a time on each connection
//	connections=N                one after the other; with resume=yes the later ones resume the first, in 0-RTT
//	deflate=yes                  permessage-deflate
//	retry=yes                    the server validates addresses by Retry
//	migrate=yes                  the client goes on from another port, halfway
//	messages=N                   how often each end says all it has to say
//	longest=N                    octets of the longest message
//	end=close|refuse|reset|stop|abort
//	server=no, client=no         only one end, which is then at 127.0.0.1:8443; the server ends behind so many sockets
//	idle=N                       milliseconds until a silent connection is over
//	page=FILE                    what the server has at /page, for browsers
//	spki=FILE                    takes the digest of the server's public key, for browsers
//	heard=yes                    the server accounts for what the client sent, too
//
// It appends the account of each stream to peer.ndjson in the directory $truth, and the secrets to the file $keys.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

const address = "127.0.0.1:8443"

var options = map[string]string{"suite": "aes128", "version": "1", "sockets": "1", "connections": "1", "messages": "1", "end": "close", "longest": "9000", "idle": "10000"}

func number(name string) int {
	n, err := strconv.Atoi(options[name])
	if err != nil {
		log.Fatal(name, err)
	}
	return n
}

func main() {
	for _, o := range os.Args[1:] {
		name, value, _ := strings.Cut(o, "=")
		options[name] = value
	}
	keys, err := os.OpenFile(os.Getenv("keys"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if options["server"] != "no" {
		go serve(keys)
	}
	if options["client"] == "no" {
		for range number("sockets") {
			select {
			case <-done:
			case <-ctx.Done():
				log.Fatal("not all sockets came to their end")
			}
		}
		time.Sleep(300 * time.Millisecond)
		return
	}
	if err := converse(ctx, keys); err != nil {
		log.Fatal(err)
	}
}

func quicConfig() *quic.Config {
	v := quic.Version1
	if options["version"] == "2" {
		v = quic.Version2
	}
	return &quic.Config{Versions: []quic.Version{v}, Allow0RTT: true, DisablePathMTUDiscovery: true, MaxIdleTimeout: time.Duration(number("idle")) * time.Millisecond}
}

func suites() (list []uint16) {
	return map[string][]uint16{"aes128": {tls.TLS_AES_128_GCM_SHA256}, "aes256": {tls.TLS_AES_256_GCM_SHA384}, "chacha": {tls.TLS_CHACHA20_POLY1305_SHA256}}[options["suite"]]
}

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"quic.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	if file := options["spki"]; file != "" {
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			log.Fatal(err)
		}
		digest := sha256.Sum256(public)
		if err := os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(digest[:])), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve serves until the program ends.
func serve(keys io.Writer) {
	socket, err := net.ListenPacket("udp", address)
	if err != nil {
		log.Fatal(err)
	}
	t := &quic.Transport{Conn: socket, VerifySourceAddress: func(net.Addr) bool { return options["retry"] == "yes" }}
	config := http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate()}, CipherSuites: suites()})
	config.GetConfigForClient = nil
	config.NextProtos = []string{http3.NextProtoH3}
	listener, err := t.ListenEarly(config, quicConfig())
	if err != nil {
		log.Fatal(err)
	}
	server := &http3.Server{Handler: http.HandlerFunc(answer)}
	log.Fatal(server.ServeListener(listener))
}

// done takes the end of each WebSocket of the server.
var done = make(chan struct{}, 100)

// answer is the server's side of a request.
func answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case options["page"] != "" && r.URL.Path == "/page":
		http.ServeFile(w, r, options["page"])
		return
	case r.Method != http.MethodConnect || r.Proto != "websocket":
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, strings.Repeat("an ordinary answer\n", 20))
		return
	case options["end"] == "refuse":
		http.Error(w, "no WebSocket for you here: the quota is used up", http.StatusForbidden)
		return
	}
	if r.Header.Get("Sec-WebSocket-Extensions") != "" && options["deflate"] == "yes" {
		w.Header().Set("Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
	}
	if p := r.Header.Get("Sec-WebSocket-Protocol"); p != "" {
		w.Header().Set("Sec-WebSocket-Protocol", p)
	}
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	stream, err := w.(http3.HTTPStreamer).HTTPStream()
	if err != nil {
		log.Fatal(err)
	}
	e := &end{stream: stream, state: ws.StateServerSide}
	id := int64(stream.StreamID())
	var heard []message
	for {
		m, err := e.receive()
		if err != nil {
			break
		}
		heard = append(heard, m)
		if options["end"] == "abort" && len(e.sent) == 3 {
			stream.CancelWrite(quic.StreamErrorCode(0x102))
			stream.CancelRead(quic.StreamErrorCode(0x102))
			break
		}
		if err := e.send(m.binary, append([]byte("echo "), m.payload...)); err != nil {
			break
		}
	}
	_, port, _ := net.SplitHostPort(r.RemoteAddr)
	account(port, id, "server", e.sent)
	if options["heard"] == "yes" {
		account(port, id, "client", heard)
	}
	if options["end"] == "close" {
		stream.Close()
	}
	select {
	case done <- struct{}{}:
	default:
	}
}

type message struct {
	binary  bool
	payload []byte
}

// end is one end of a WebSocket.
type end struct {
	stream interface {
		io.ReadWriteCloser
		CancelRead(quic.StreamErrorCode)
		CancelWrite(quic.StreamErrorCode)
	}
	state ws.State
	sent  []message
}

func (e *end) frame(f ws.Frame) error {
	if e.state.ClientSide() {
		f = ws.MaskFrame(f)
	}
	var b strings.Builder
	if err := ws.WriteFrame(&b, f); err != nil {
		return err
	}
	_, err := io.WriteString(e.stream, b.String())
	return err
}

func (e *end) send(binary bool, payload []byte) error {
	op := ws.OpText
	if binary {
		op = ws.OpBinary
	}
	f := ws.NewFrame(op, true, payload)
	if options["deflate"] == "yes" {
		var err error
		if f, err = wsflate.CompressFrame(f); err != nil {
			return err
		}
	}
	e.sent = append(e.sent, message{binary, payload})
	return e.frame(f)
}

// receive gives the next message; an error is the end.
func (e *end) receive() (m message, err error) {
	for {
		h, err := ws.ReadHeader(e.stream)
		if err != nil {
			return m, err
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(e.stream, payload); err != nil {
			return m, err
		}
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		switch h.OpCode {
		case ws.OpPing:
			if err := e.frame(ws.NewPongFrame(payload)); err != nil {
				return m, err
			}
		case ws.OpPong:
		case ws.OpClose:
			if e.state.ServerSide() {
				e.frame(ws.NewCloseFrame(payload))
			}
			return m, io.EOF
		default:
			f := ws.Frame{Header: h, Payload: payload}
			if h.Rsv1() {
				if f, err = wsflate.DecompressFrame(f); err != nil {
					return m, err
				}
			}
			return message{h.OpCode == ws.OpBinary, f.Payload}, nil
		}
	}
}

var accounts sync.Mutex

// account appends what a side sent on a stream.
func account(port string, stream int64, side string, sent []message) {
	accounts.Lock()
	defer accounts.Unlock()
	type line struct {
		Opcode string `json:"opcode"`
		Length int    `json:"length"`
		SHA256 string `json:"sha256"`
	}
	list := []line{}
	for _, m := range sent {
		opcode := "text"
		if m.binary {
			opcode = "binary"
		}
		list = append(list, line{opcode, len(m.payload), fmt.Sprintf("%x", sha256.Sum256(m.payload))})
	}
	n, _ := strconv.Atoi(port)
	text, err := json.Marshal(map[string]any{"client_port": n, "stream": stream, side: list})
	if err != nil {
		log.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(os.Getenv("truth"), "peer.ndjson"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	f.Write(append(text, '\n'))
	f.Close()
}

// converse is the client.
func converse(ctx context.Context, keys io.Writer) error {
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "quic.test", NextProtos: []string{http3.NextProtoH3}, KeyLogWriter: keys, CipherSuites: suites(),
		ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	for i := range number("connections") {
		if err := connection(ctx, config, i > 0 && options["resume"] == "yes"); err != nil {
			return err
		}
	}
	return nil
}

func connection(ctx context.Context, config *tls.Config, early bool) error {
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer socket.Close()
	t := &quic.Transport{Conn: socket}
	server, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return err
	}
	var c *quic.Conn
	for range 50 { // until the server listens
		if c, err = t.DialEarly(ctx, server, config, quicConfig()); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	if !early {
		<-c.HandshakeComplete()
	}
	h3 := (&http3.Transport{}).NewClientConn(c)
	if !early {
		<-h3.ReceivedSettings()
		q, _ := http.NewRequestWithContext(ctx, "GET", "https://quic.test/page", nil)
		answer, err := h3.RoundTrip(q)
		if err != nil {
			return err
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	port := strconv.Itoa(socket.LocalAddr().(*net.UDPAddr).Port)
	var sockets sync.WaitGroup
	failed := make(chan error, number("sockets"))
	half := make(chan struct{}, number("sockets"))
	for i := range number("sockets") {
		sockets.Go(func() { failed <- talk(ctx, h3, port, i, half) })
	}
	if options["migrate"] == "yes" {
		<-half
		other, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer other.Close()
		path, err := c.AddPath(&quic.Transport{Conn: other})
		if err != nil {
			return err
		}
		if err := path.Probe(ctx); err != nil {
			return err
		}
		if err := path.Switch(); err != nil {
			return err
		}
	}
	sockets.Wait()
	close(failed)
	for e := range failed {
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond)
	if err := c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), ""); err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond)
	return nil
}

// talk is one WebSocket.
func talk(ctx context.Context, h3 *http3.ClientConn, port string, n int, half chan<- struct{}) error {
	stream, err := h3.OpenRequestStream(ctx)
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodConnect, fmt.Sprintf("https://quic.test/chat?n=%d", n), nil)
	if err != nil {
		return err
	}
	q.Proto = "websocket"
	q.Header.Set("Sec-WebSocket-Version", "13")
	q.Header.Set("Origin", "https://quic.test")
	if options["deflate"] == "yes" {
		q.Header.Set("Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
	}
	if err := stream.SendRequestHeader(q); err != nil {
		return err
	}
	e := &end{stream: stream, state: ws.StateClientSide}
	id := int64(stream.StreamID())
	defer func() { account(port, id, "client", e.sent) }()
	answer, err := stream.ReadResponse()
	if err != nil {
		return err
	}
	if answer.StatusCode != 200 {
		io.Copy(io.Discard, answer.Body)
		return nil
	}
	if err := e.frame(ws.NewPingFrame([]byte("ping"))); err != nil {
		return err
	}
	for round := range number("messages") {
		for i, m := range said(n) {
			if err := e.send(m.binary, m.payload); err != nil {
				return ended(err)
			}
			if _, err := e.receive(); err != nil {
				return ended(err)
			}
			if round == 0 && i == 3 {
				half <- struct{}{}
				switch options["end"] {
				case "reset":
					stream.CancelWrite(quic.StreamErrorCode(0x10c))
					stream.CancelRead(quic.StreamErrorCode(0x10c))
					return nil
				case "stop":
					stream.CancelRead(quic.StreamErrorCode(0x10c))
					time.Sleep(200 * time.Millisecond)
					return nil
				}
			}
			if options["migrate"] == "yes" {
				time.Sleep(30 * time.Millisecond)
			}
		}
	}
	if err := e.frame(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye"))); err != nil {
		return err
	}
	for err == nil {
		_, err = e.receive()
	}
	return stream.Close()
}

// ended is nil where the end was asked for.
func ended(err error) error {
	if options["end"] == "abort" {
		return nil
	}
	return err
}

// said is what the client says on its n-th WebSocket.
func said(n int) (list []message) {
	for i, size := range []int{5, 0, 125, 126, 700, 3000, 40, 9000} {
		size = min(size, number("longest"))
		line := fmt.Sprintf(`{"socket":%d,"n":%d,"route":"/api/v1/items/%d"}`+"\n", n, i, size)
		text := strings.Repeat(line, size/len(line)+1)[:size]
		list = append(list, message{i%3 == 2, []byte(text)})
	}
	return list
}
