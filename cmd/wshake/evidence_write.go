package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"

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

// readOnce reports whether the packets can be read only once: those of interfaces, of standard input and of FIFOs.
func (o *options) readOnce() bool {
	return len(o.interfaces) > 0 || slices.ContainsFunc(o.files, func(path string) bool { return path == "-" || mayWait(path, nil) })
}

// setPackets decides what --write keeps: all packets as they come, or, of files, those of WebSocket connections.
func (o *options) setPackets(r *raw) error {
	once := o.readOnce()
	if o.write != "" && !once {
		o.packets, o.write = o.write, ""
		o.config.Want |= evidenceKinds
	}
	o.embedSecrets = r.embed
	switch {
	case o.embedSecrets && o.packets == "":
		return errors.New("--embed-secrets goes with --write and files that can be read twice")
	case o.embedSecrets && o.redact:
		return errors.New("--embed-secrets writes secrets, and --redact hides them: they do not go together")
	case o.packets != "" && o.rotation.On() && r.outputFile == "":
		return errors.New("--rotate-size and --rotate-time go with --write where it keeps packets as they come; of files it writes one")
	}
	return nil
}

// writeLimit is the caveat's name.
const writeLimit = "write-limit"

// Limits of what is remembered of the packets to write.
const (
	notesMost = 100_000 // findings in comments
	picksMost = 1 << 20 // connections
)

// picked notes the connections of the events that it is given. Their packets are written when the run is over, by a
// second pass over the files.
type picked struct {
	event.Ignore
	between          map[ends]bool       // the ends of the connections
	lasts            map[uint64]uint64   // by the ordinal of a connection's first packet, that of its last event
	moved            map[ends]uint64     // other ends of connections of QUIC, and the first packet of the connection
	notes            map[uint64][]string // findings by the ordinal of their packet
	picks, picksMost int
	noted, notesMost int
	limited          func(name string, at *event.At, text string) // is told where one of the limits is reached
	write            func() error
}

// newPicked makes one whose limits fit the memory that the run may use.
func (o *options) newPicked(limited func(name string, at *event.At, text string)) *picked {
	share := int(min(max(o.maxMemory>>10, 1<<10), picksMost)) // about a tenth of it
	return &picked{between: make(map[ends]bool), lasts: make(map[uint64]uint64), moved: make(map[ends]uint64), notes: make(map[uint64][]string), picksMost: share, notesMost: min(share, notesMost), limited: limited}
}

// ends are the two ends of a connection, the smaller first.
type ends struct {
	peers [2]netip.AddrPort
	udp   bool // a connection of QUIC
}

func endsOf(a, b netip.AddrPort, udp bool) ends {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return ends{[2]netip.AddrPort{a, b}, udp}
}

func segmentEnds(s *reassembly.Segment) ends {
	return endsOf(s.Key.Endpoint(0), s.Key.Endpoint(1), s.Key.Protocol == reassembly.ProtocolUDP)
}

func (p *picked) pick(c *event.Conn, at *event.At) {
	if c == nil {
		return
	}
	if p.extend(c, at) {
		return
	}
	if p.picks++; p.picks > p.picksMost {
		if p.picks == p.picksMost+1 {
			p.limited(writeLimit, at, fmt.Sprintf("more than %d connections: the file of --write lacks the packets of those that were found from here on", p.picksMost))
		}
		return
	}
	p.between[endsOf(c.Peer[0], c.Peer[1], c.UDP)] = true
	p.lasts[c.Ordinal] = at.Ordinal
}

// extend says that a connection went on until the packet at, if it was picked.
func (p *picked) extend(c *event.Conn, at *event.At) bool {
	last, known := p.lasts[c.Ordinal]
	if known {
		p.lasts[c.Ordinal] = max(last, at.Ordinal)
	}
	return known
}

func (p *picked) Handshake(e *event.Handshake) { p.pick(e.Conn, &e.At) }
func (p *picked) Message(e *event.Message)     { p.pick(e.Conn, &e.At) }

func (p *picked) Connection(e *event.Connection) {
	if !e.WebSocket {
		p.extend(e.Conn, &e.Last)
		return
	}
	p.pick(e.Conn, &e.At)
	p.extend(e.Conn, &e.Last) // an end that was revoked may be what the event is of
	for _, m := range e.Moved {
		if other := endsOf(m[0], m[1], true); p.moved[other] == 0 && len(p.moved) < p.picksMost {
			p.moved[other] = e.Conn.Ordinal
		}
	}
}

func (p *picked) Finding(e *event.Finding) {
	p.pick(e.Conn, &e.At)
	if p.noted++; p.noted > p.notesMost {
		if p.noted == p.notesMost+1 {
			p.limited(writeLimit, &e.At, fmt.Sprintf("more than %d findings: the file of --write has no comments on those from here on", p.notesMost))
		}
		return
	}
	p.notes[e.At.Ordinal] = append(p.notes[e.At.Ordinal], fmt.Sprintf("wshake %s %s: %s", e.Level, e.Name, report.Sanitise(e.Text)))
}

func (p *picked) Pause() error { return nil }
func (p *picked) Err() error   { return nil }

func (p *picked) Flush() error {
	err := p.write()
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted before all packets were read again: there is no file")
	}
	return err
}

// evidencePackets makes the branch that writes the packets into file.
func (o *options) evidencePackets(ctx context.Context, p *picked, file *outfile.File) *branch {
	p.write = func() error { return o.writePicked(ctx, p, file) }
	return &branch{flag: "--write", to: p, kinds: evidenceKinds, file: file}
}

// wholeFile is a file that never appears when it is not complete, so nothing in it has to be taken back.
type wholeFile struct {
	io.Writer
	err error // of a write
}

func (f *wholeFile) Write(p []byte) (n int, err error) {
	n, err = f.Writer.Write(p)
	f.err = err
	return n, err
}

func (*wholeFile) Truncate(int64) error { return nil }
func (*wholeFile) Close() error         { return nil }

func (o *options) writePicked(ctx context.Context, p *picked, file *outfile.File) error {
	whole := &wholeFile{Writer: file}
	w, err := pcapngwriter.Create(o.packets, pcapngwriter.Rotation{},
		func(string) (pcapngwriter.File, error) { return whole, nil })
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
	var notes []string
	from, name := int32(-1), "" // the file of the packet before, and its name escaped
	err = o.walk(ctx, p, nil, func(packet *capture.Packet, names []string, _ *reassembly.Segment) error {
		if packet.File != from {
			from, name = packet.File, report.Sanitise(names[packet.File])
		}
		notes = append(notes[:0], "packet "+strconv.FormatUint(packet.Number, 10)+" of "+name)
		return w.WriteNoted(packet, names, append(notes, p.notes[packet.Ordinal]...))
	})
	if err == nil {
		err = w.Finish()
	}
	if whole.err != nil {
		return fmt.Errorf("%w; there is no file", whole.err)
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
			for ok := outcome == decode.TCP || outcome == decode.UDP; ok; ok = decoder.Next(&segment) {
				e := segmentEnds(&segment)
				if since := p.moved[e]; since != 0 && packet.Ordinal >= since {
					wanted, of = true, &segment
					break
				}
				if !p.between[e] {
					continue
				}
				_, begins := p.lasts[packet.Ordinal]
				switch {
				case begins:
					inside[e], initial[e] = packet.Ordinal, segment.Seq
				case !e.udp && segment.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN && inside[e] != 0 && segment.Seq != initial[e] &&
					packet.Ordinal > p.lasts[inside[e]]: // a SYN inside of a connection is forged, or a probe
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
