package part

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/reassembly"
)

// Line is an event as it is printed, with where it belongs.
type Line struct {
	Host string // that the connection asked for, the server's address where that is not known; "" of the whole run
	Time int64  // of the event, event.NoTime where it is not known
	// Place and Count put lines of one time in order.
	Place Place
	Count uint32
	Text  []byte // JSON, without a line end
}

// Day is the day of the event, UTC.
func (l *Line) Day() string {
	if l.Time == event.NoTime {
		return "unknown"
	}
	return time.Unix(0, l.Time).UTC().Format("2006-01-02")
}

// Key orders lines as octets: by time, then place.
func (l *Line) Key() []byte {
	const sign = 1 << 63
	b := binary.BigEndian.AppendUint64(nil, uint64(l.Time)^sign)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Place.Time)^sign)
	b = binary.BigEndian.AppendUint32(b, uint32(l.Place.File))
	b = binary.BigEndian.AppendUint64(b, l.Place.Number)
	return binary.BigEndian.AppendUint32(b, l.Count)
}

// hostOf is what a handshake's connection is filed under.
func hostOf(h *event.Handshake) string {
	if h.Request != nil {
		if name := strings.ToLower(h.Request.Authority()); name != "" {
			return name
		}
	}
	return h.Conn.Peer[event.Server].String()
}

// Marked is a bit of the ordinals that lines are printed with: such numbers do not come by chance. They are replaced by
// what names a connection wherever it is met.
const Marked = 1 << 62

// markedDigits is how all marked ordinals begin, up to 10^11 connections.
const markedDigits, markedLength = "46116860", 19

// connID names a connection: by its Community ID and the time of its first packet.
func connID(peer [2]netip.AddrPort, udp bool, first *event.At) string {
	c := event.Conn{Peer: peer, UDP: udp}
	id := c.CommunityID() + "@"
	if first.Time == event.NoTime {
		return id + "packet-" + strconv.FormatUint(first.Number, 10)
	}
	return id + time.Unix(0, first.Time).UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// ConnID names the connection whose first packet a segment was in.
func ConnID(s *reassembly.Segment) string {
	return connID([2]netip.AddrPort{s.Key.Endpoint(0), s.Key.Endpoint(1)}, s.Key.Protocol == reassembly.ProtocolUDP, &s.At)
}

// Rename replaces marked ordinals in a line of JSON: by a text where it is a number, and inside of texts.
func Rename(line []byte, name func(ordinal uint64) string) []byte {
	if !bytes.Contains(line, []byte(markedDigits)) {
		return line
	}
	var out []byte
	for {
		i := bytes.Index(line, []byte(markedDigits))
		if i < 0 || i+markedLength > len(line) {
			return append(out, line...)
		}
		ordinal, err := strconv.ParseUint(string(line[i:i+markedLength]), 10, 64)
		id := ""
		if err == nil {
			id = name(ordinal)
		}
		if id == "" {
			out = append(out, line[:i+len(markedDigits)]...)
			line = line[i+len(markedDigits):]
			continue
		}
		out = append(out, line[:i]...)
		if i > 0 && line[i-1] == ':' { // not in a text, where a blank stands before it
			id = `"` + id + `"`
		}
		out = append(out, id...)
		line = line[i+markedLength:]
	}
}

// printer makes lines of events.
type printer struct {
	buf  bytes.Buffer
	json *report.JSON
	name func(uint64) string
}

func newPrinter(show event.Kinds, names []string, name func(uint64) string) *printer {
	p := &printer{name: name}
	p.json = report.NewJSON(&p.buf, Printing(show, names))
	return p
}

// Printing is how events are printed.
func Printing(show event.Kinds, names []string) report.Options {
	return report.Options{Show: show, Names: func() []string { return names }, ManyFiles: len(names) > 1}
}

// text is what was printed since the last call, nil for nothing.
func (p *printer) text() []byte {
	p.json.Flush() // into memory
	if p.buf.Len() == 0 {
		return nil
	}
	b := bytes.Clone(bytes.TrimSuffix(p.buf.Bytes(), []byte("\n")))
	p.buf.Reset()
	return Rename(b, p.name)
}

// direct prints what need not be compared with other connections: frames and messages.
type direct struct {
	event.Ignore
	printer *printer
	hosts   map[*event.Conn]string
	conn    event.Conn // with a marked ordinal
	order   *Place
	count   uint32
	line    func(*Line) error
	err     error
}

func newDirect(show event.Kinds, names []string, order *Place, line func(*Line) error) *direct {
	d := &direct{hosts: make(map[*event.Conn]string), order: order, line: line}
	d.printer = newPrinter(show, names, func(uint64) string { return connID(d.conn.Peer, d.conn.UDP, &d.conn.First) })
	return d
}

func (d *direct) Handshake(e *event.Handshake)   { d.hosts[e.Conn] = hostOf(e) }
func (d *direct) Connection(e *event.Connection) { delete(d.hosts, e.Conn) }

func (d *direct) Frame(e *event.Frame) {
	f := *e
	f.Conn = d.mark(e.Conn)
	d.printer.json.Frame(&f)
	d.print(e.Conn, e.At.Time)
}

func (d *direct) Message(e *event.Message) {
	m := *e
	m.Conn = d.mark(e.Conn)
	d.printer.json.Message(&m)
	d.print(e.Conn, e.At.Time)
}

func (d *direct) mark(c *event.Conn) *event.Conn {
	marked := *c
	marked.Ordinal |= 1 << 62
	d.conn = marked
	return &marked
}

func (d *direct) print(c *event.Conn, at int64) {
	text := d.printer.text()
	if text == nil || d.err != nil {
		return
	}
	host, known := d.hosts[c]
	if !known {
		host = c.Peer[event.Server].String()
	}
	d.count++
	d.err = d.line(&Line{Host: host, Time: at, Place: *d.order, Count: d.count, Text: text})
}
