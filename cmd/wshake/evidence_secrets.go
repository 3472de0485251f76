package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/quic"
	"wshake/capture"
	"wshake/reassembly"
)

// secretsOf gives the lines of the key logs that are about the connections picked, and no others.
func (o *options) secretsOf(ctx context.Context, p *picked) ([]byte, error) {
	randoms := clientRandoms{known: make(map[string]bool), begun: make(map[ends]*quic.Conn), reader: quic.NewReader(nil, quic.Limits{}, false)}
	var inside [][]byte
	err := o.walk(ctx, p, func(s capture.Secrets) { inside = append(inside, s.Data) }, func(_ *capture.Packet, _ []string, s *reassembly.Segment) error {
		if s != nil {
			randoms.look(s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	paths, err := o.keyLogs()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		inside = append(inside, b)
	}
	var log []byte
	seen := make(map[string]bool)
	for _, text := range inside {
		for line := range bytes.Lines(text) {
			words := strings.Fields(string(line))
			if len(words) == 3 && randoms.known[strings.ToLower(words[1])] && !seen[string(line)] {
				seen[string(line)] = true
				log = append(append(log, bytes.TrimRight(line, "\r\n")...), '\n')
			}
		}
	}
	return log, nil
}

// clientRandoms collects the randoms of ClientHellos, by which key logs name secrets, in hexadecimal.
type clientRandoms struct {
	known  map[string]bool
	begun  map[ends]*quic.Conn // connections of QUIC whose ClientHello is not whole yet
	reader *quic.Reader
}

// begunMost is how many connections of QUIC may be begun at a time.
const begunMost = 1 << 10

func (r *clientRandoms) look(s *reassembly.Segment) {
	switch b := s.Payload; {
	case s.Key.Protocol == reassembly.ProtocolUDP:
		r.datagram(s)
	// A ClientHello (RFC 8446 §4.1.2) at the beginning of a record: its random stands behind 11 octets.
	case len(b) >= 43 && b[0] == 0x16 && b[1] == 3 && b[5] == 1:
		r.known[hex.EncodeToString(b[11:43])] = true
	}
}

// datagram opens Initial packets, whose keys everybody can compute (RFC 9001 §5.2), until the ClientHello is whole.
func (r *clientRandoms) datagram(s *reassembly.Segment) {
	h, ok := quic.ParseLong(s.Payload)
	if !ok || h.Kind != quic.Initial {
		return
	}
	e := segmentEnds(s)
	c := r.begun[e]
	if c == nil {
		if len(r.begun) >= begunMost {
			return
		}
		if c = r.reader.Accept(&h, s.Payload, quic.Ignore{}); c == nil {
			return
		}
		r.begun[e] = c
	}
	c.Datagram(event.Client, event.At{}, s.Payload)
	if random, known := c.ClientRandom(); known {
		r.known[hex.EncodeToString(random[:])] = true
		delete(r.begun, e)
	}
}
