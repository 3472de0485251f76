package tls

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	gotls "crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"wshake/analyze/event"
)

// wire is a connection whose writes never block, and which records them. (net.Pipe blocks, and both peers may write at
// once.)
type wire struct {
	mu     sync.Mutex
	moved  sync.Cond
	sent   dialogue
	unread [2][]byte // by sender
	closed [2]bool
}

// end is one end of a wire.
type end struct {
	net.Conn // nil: no deadlines, no addresses
	*wire
	side event.Side
}

func (e end) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sent = append(e.sent, call{side: e.side, octets: bytes.Clone(p)})
	e.unread[e.side] = append(e.unread[e.side], p...)
	e.moved.Broadcast()
	return len(p), nil
}

func (e end) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	from := e.side.Other()
	for len(e.unread[from]) == 0 {
		if e.wire.closed[from] || e.wire.closed[e.side] {
			return 0, io.EOF
		}
		e.moved.Wait()
	}
	n := copy(p, e.unread[from])
	e.unread[from] = e.unread[from][n:]
	return n, nil
}

func (e end) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wire.closed[e.side] = true
	e.moved.Broadcast()
	return nil
}

func (e end) SetDeadline(time.Time) error      { return nil }
func (e end) SetWriteDeadline(time.Time) error { return nil }

var certificates = sync.OnceValue(func() []gotls.Certificate {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "ws.example"},
		DNSNames:     []string{"ws.example", "*.ws.example"},
		IPAddresses:  []net.IP{net.IPv4(192, 0, 2, 1)},
		NotAfter:     time.Now().Add(time.Hour),
	}
	var out []gotls.Certificate
	for _, key := range []crypto.Signer{rsaKey, ecKey} {
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			panic(err)
		}
		out = append(out, gotls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
	}
	return out
})

// converse lets crypto/tls speak with itself and gives what was sent, the key log, and what each side said.
func converse(t testing.TB, client, server *gotls.Config) (d dialogue, log string, said [2][]byte) {
	t.Helper()
	var keys bytes.Buffer
	client.InsecureSkipVerify, client.KeyLogWriter, client.ServerName = true, &keys, "ws.example"
	server.Certificates = certificates()
	w := new(wire)
	w.moved.L = &w.mu
	peers := [2]*gotls.Conn{
		gotls.Client(end{wire: w, side: event.Client}, client),
		gotls.Server(end{wire: w, side: event.Server}, server),
	}
	sizes := []int{1, 100, 20000, 0, 5, 40000}
	var done sync.WaitGroup
	errs := make(chan error, 4)
	for side, peer := range peers {
		for i, size := range sizes {
			said[side] = append(said[side], bytes.Repeat([]byte{byte('a' + i + 10*side)}, size)...)
		}
		done.Go(func() {
			// The client's request, the server's answer, and so on; then both say goodbye.
			defer peer.Close()
			for i, size := range sizes {
				out, in := bytes.Repeat([]byte{byte('a' + i + 10*side)}, size), make([]byte, size)
				for _, write := range [2]bool{side == int(event.Client), side == int(event.Server)} {
					var err error
					if write {
						_, err = peer.Write(out)
					} else {
						_, err = io.ReadFull(peer, in)
					}
					if err != nil {
						errs <- err
						return
					}
				}
			}
			if side == int(event.Client) {
				peer.CloseWrite()
			}
			io.Copy(io.Discard, peer)
		})
	}
	done.Wait()
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
	return w.sent, keys.String(), said
}

// configurations are pairs of peers, for every suite of crypto/tls in TLS 1.2 and what TLS 1.3 does.
func configurations() map[string][2]*gotls.Config {
	all := map[string][2]*gotls.Config{
		"TLS 1.3": {{MinVersion: gotls.VersionTLS13, NextProtos: []string{"http/1.1"}}, {NextProtos: []string{"http/1.1"}}},
		"TLS 1.3 with another hello": {
			{MinVersion: gotls.VersionTLS13, CurvePreferences: []gotls.CurveID{gotls.X25519, gotls.CurveP384}},
			{CurvePreferences: []gotls.CurveID{gotls.CurveP384}},
		},
		"TLS 1.3 with a client certificate": {{MinVersion: gotls.VersionTLS13, Certificates: certificates()}, {ClientAuth: gotls.RequireAnyClientCert}},
		"TLS 1.2 with a client certificate": {{MaxVersion: gotls.VersionTLS12, Certificates: certificates()}, {ClientAuth: gotls.RequireAnyClientCert}},
	}
	for _, suites := range [][]*gotls.CipherSuite{gotls.CipherSuites(), gotls.InsecureCipherSuites()} {
		for _, s := range suites {
			if s.SupportedVersions[0] == gotls.VersionTLS13 || Suite(s.ID).parameters(versionTLS12) == nil {
				continue
			}
			c := &gotls.Config{MaxVersion: gotls.VersionTLS12, CipherSuites: []uint16{s.ID}, NextProtos: []string{"http/1.1"}}
			all[s.Name] = [2]*gotls.Config{c, c.Clone()}
		}
	}
	return all
}

func TestPeers(t *testing.T) {
	for name, configs := range configurations() {
		t.Run(name, func(t *testing.T) {
			d, log, said := converse(t, configs[0], configs[1])
			r := d.play(t, keysOf(t, log), Config{})
			for side := range said {
				if !bytes.Equal(r.data[side].Bytes(), said[side]) {
					t.Errorf("%v: %d octets of %d, or others", event.Side(side), r.data[side].Len(), len(said[side]))
				}
			}
			for _, line := range r.log {
				if !strings.Contains(line, " data at ") && !strings.HasSuffix(line, " close_notify") {
					t.Errorf("told %q", line)
				}
			}
			h := r.hello
			if strings.HasPrefix(name, "TLS_") && h.Suite.String() != name {
				t.Errorf("suite %v", h.Suite)
			}
			if h.SNI != "ws.example" || !h.ALPNKnown || h.Session != Fresh || fmt.Sprint(h.Names) != "[ws.example *.ws.example 192.0.2.1]" {
				t.Errorf("hello %+v", h)
			}
			if want := configs[0].NextProtos; fmt.Sprint(h.ALPNOffered) != fmt.Sprint(want) || len(want) > 0 && h.ALPN != want[0] {
				t.Errorf("ALPN %q of %q", h.ALPN, h.ALPNOffered)
			}
			if h.Retried != strings.Contains(name, "another hello") {
				t.Errorf("retried %v", h.Retried)
			}
		})
	}
}
