package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
	"wshake/capture/filter"
	"wshake/capture/pcapngwriter"
	"wshake/cmd/wshake/outfile"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// evidenceKinds are the events whose connections are kept.
const evidenceKinds = event.KindHandshake | event.KindMessage | event.KindConnection | event.KindFinding

// notesMost is how many findings are put into comments.
const notesMost = 100_000

// picked notes the connections of the events that it is given. Their packets are written when the run is over, by a
// second pass over the files.
type picked struct {
	event.Ignore
	firsts map[ends][]uint64   // ordinals of the first packets of connections, by their ends
	notes  map[uint64][]string // findings by the ordinal of their packet
	noted  int
	write  func() error
}

// ends are the two ends of a connection, the smaller first.
type ends [2]netip.AddrPort

func endsOf(a, b netip.AddrPort) ends {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return ends{a, b}
}

func (p *picked) pick(c *event.Conn) {
	if c == nil {
		return
	}
	e := endsOf(c.Peer[0], c.Peer[1])
	if !slices.Contains(p.firsts[e], c.Ordinal) {
		p.firsts[e] = append(p.firsts[e], c.Ordinal)
	}
}

func (p *picked) Handshake(e *event.Handshake) { p.pick(e.Conn) }
func (p *picked) Message(e *event.Message)     { p.pick(e.Conn) }

func (p *picked) Connection(e *event.Connection) {
	if e.WebSocket {
		p.pick(e.Conn)
	}
}

func (p *picked) Finding(e *event.Finding) {
	p.pick(e.Conn)
	if p.noted < notesMost {
		p.noted++
		p.notes[e.At.Ordinal] = append(p.notes[e.At.Ordinal], fmt.Sprintf("wshake %s %s: %s", e.Level, e.Name, report.Sanitise(e.Text)))
	}
}

func (p *picked) Pause() error { return nil }
func (p *picked) Err() error   { return nil }
func (p *picked) Flush() error { return p.write() }

// evidencePackets makes the branch that writes the packets into file.
func (o *options) evidencePackets(ctx context.Context, file *outfile.File) *branch {
	p := &picked{firsts: make(map[ends][]uint64), notes: make(map[uint64][]string)}
	p.write = func() error { return o.writePicked(ctx, p, file) }
	return &branch{flag: "--evidence", to: p, kinds: evidenceKinds, file: file}
}

// wholeFile is a file that never appears when it is not complete, so nothing in it has to be taken back.
type wholeFile struct{ io.Writer }

func (wholeFile) Truncate(int64) error { return nil }
func (wholeFile) Close() error         { return nil }

func (o *options) writePicked(ctx context.Context, p *picked, file *outfile.File) error {
	w, err := pcapngwriter.Create(o.packets, pcapngwriter.Rotation{}, func(string) (pcapngwriter.File, error) { return wholeFile{file}, nil })
	if err != nil {
		return err
	}
	if o.embedSecrets {
		log, err := o.secretsOf(ctx, p)
		if err != nil {
			return err
		}
		if len(log) > 0 {
			w.WriteSecrets(log)
		}
	}
	err = o.walk(ctx, p, nil, func(packet *capture.Packet, names []string, _ *reassembly.Segment) error {
		note := fmt.Sprintf("packet %d of %s", packet.Number, report.Sanitise(names[packet.File]))
		return w.WriteNoted(packet, names, append([]string{note}, p.notes[packet.Ordinal]...))
	})
	if err == nil {
		err = w.Finish()
	}
	return err
}

// walk reads the files once more and calls keep with the packets of the connections that were picked, with their
// segment or nil for a fragment of IP. Fragments are all kept: which connection they are of is known only when their
// datagram is whole.
func (o *options) walk(ctx context.Context, p *picked, secrets func(capture.Secrets), keep func(*capture.Packet, []string, *reassembly.Segment) error) error {
	src, err := capture.Open(o.files, capture.Options{Secrets: secrets, Skip: o.ours,
		Prescan: func(find func(found func(capture.Secrets))) {
			if secrets != nil {
				find(secrets)
			}
		}})
	if err != nil {
		return err
	}
	defer src.Close()
	var matcher *filter.Matcher
	if o.filter != "" {
		if matcher, err = filter.NewMatcher(o.filter); err != nil {
			return err
		}
	}
	decoder := decode.NewDecoder(o.config.Limits.Decoder)
	inside := make(map[ends]uint64)  // the connection that goes on, by its first packet; 0 where it was not picked
	initial := make(map[ends]uint32) // its initial sequence number, which a repeated SYN has too
	var batch capture.Batch
	defer func() { batch.Release() }()
	for {
		if err := src.Read(&batch); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for i := range batch.Packets {
			packet := &batch.Packets[i]
			if o.count > 0 && packet.Ordinal > uint64(o.count) {
				return nil
			}
			if matcher != nil {
				if takes, _ := matcher.Match(packet); !takes {
					continue
				}
			}
			var segment reassembly.Segment
			outcome := decoder.Decode(packet, &segment)
			wanted, of := outcome == decode.FragmentHeld, (*reassembly.Segment)(nil)
			for ok := outcome == decode.TCP; ok; ok = decoder.Next(&segment) {
				e := endsOf(segment.Key.Endpoint(0), segment.Key.Endpoint(1))
				firsts := p.firsts[e]
				if firsts == nil {
					continue
				}
				switch {
				case slices.Contains(firsts, packet.Ordinal):
					inside[e], initial[e] = packet.Ordinal, segment.Seq
				case segment.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN && inside[e] != 0 && segment.Seq != initial[e]:
					inside[e] = 0 // another connection between the same ends, which was not picked
				}
				if inside[e] != 0 {
					wanted, of = true, &segment
					break
				}
			}
			if wanted {
				if err := keep(packet, src.Names(), of); err != nil {
					return err
				}
			}
		}
	}
}

// secretsOf gives the lines of the key logs that are about the connections picked, and no others.
func (o *options) secretsOf(ctx context.Context, p *picked) ([]byte, error) {
	randoms := make(map[string]bool)
	var inside [][]byte
	err := o.walk(ctx, p, func(s capture.Secrets) { inside = append(inside, s.Data) }, func(_ *capture.Packet, _ []string, s *reassembly.Segment) error {
		// A ClientHello (RFC 8446 §4.1.2) at the beginning of a record: its random stands behind 11 octets.
		if s != nil && len(s.Payload) >= 43 && s.Payload[0] == 0x16 && s.Payload[1] == 3 && s.Payload[5] == 1 {
			randoms[hex.EncodeToString(s.Payload[11:43])] = true
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
			if len(words) == 3 && randoms[strings.ToLower(words[1])] && !seen[string(line)] {
				seen[string(line)] = true
				log = append(append(log, bytes.TrimRight(line, "\r\n")...), '\n')
			}
		}
	}
	return log, nil
}
