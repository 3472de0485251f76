package part

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// File is a capture file, and its number among all.
type File struct {
	Path   string
	Number int32
	// Listed says that the file was found in a directory: what is no capture is passed over in silence.
	Listed bool
	// Piece is the number of this piece among those of all files. It has the octets from Begin to End, all where End is 0;
	// Head is read before them.
	Piece      int32
	Begin, End int64
	Head       []byte
	// Next are the files behind it that are read together with it, in the order of their numbers: see Runs.
	Next []Neighbour `json:",omitempty"`
}

// Neighbour is one more file of a run.
type Neighbour struct {
	Path   string
	Number int32
	Listed bool
}

// all lists the files that are read together.
func (f *File) all() []Neighbour {
	return append([]Neighbour{{f.Path, f.Number, f.Listed}}, f.Next...)
}

// of makes a run of these files.
func (f *File) of(files []Neighbour) {
	f.Path, f.Number, f.Listed, f.Next = files[0].Path, files[0].Number, files[0].Listed, files[1:]
}

// Opener opens a capture file, or a piece of it.
type Opener func(f File, o capture.Options) (capture.Source, error)

// Problem is something that was wrong with a file.
type Problem struct {
	Path string
	Text string
	// Lost says that the file could not be read at all.
	Lost bool
}

// Looked is what a file holds, as far as the other files must know.
type Looked struct {
	File     File
	Packets  uint64
	Bytes    uint64
	Last     event.At // its last packet
	Place    Place    // of that
	Secrets  [][]byte // key logs inside
	Services []Service
	Problems []Problem
	Unread   bool // the file could not be read
	// Left are files that are not read together with the others, since they cannot be read.
	Left []Neighbour
}

// Service is the end of a server of QUIC, and the packet with which it is known to be one: what else goes to it may not
// show what it is.
type Service struct {
	decode.Service
	Place Place
}

// flowsAtOnce is how many flows are remembered while a file is looked at: a scan of ports makes one of every packet.
var flowsAtOnce = 1 << 20 // less in tests

// Look reads a file for the first time. flow is given each of its flows, those of a file with very many in several
// parts.
func Look(f File, open Opener, flow func(Flow, Held)) (*Looked, error) {
	l := &Looked{File: f}
	if l.Unread = !l.leaveOut(open); l.Unread {
		return l, nil
	}
	f = l.File
	src, err := open(f, capture.Options{
		Problem: l.problem,
		Secrets: func(s capture.Secrets) {
			const keyLog = 0x544c534b // draft-ietf-opsawg-pcapng §4.7
			if s.Type == keyLog {
				l.Secrets = append(l.Secrets, s.Data)
			}
		}})
	if err != nil {
		l.Unread = true
		l.lost(f.Path, f.Listed, err)
		return l, nil
	}
	in := newSource(src, []string{f.Path}, &f, Base{})
	defer in.Close()
	var places []Place // of the packets of a batch
	in.seen = func(p *capture.Packet, place Place) {
		l.Packets++
		l.Bytes += uint64(p.Length)
		l.Place = place
		places = append(places, place)
		l.Last = event.At{Ordinal: end, Number: p.Number, Time: p.Time, Acked: -1, File: p.File}
	}
	var current Place
	decoder := decode.NewDecoder(decode.Config{})
	decoder.LookForServices(func(s decode.Service) { l.Services = append(l.Services, Service{s, current}) })
	flows := make(map[Flow]*Held)
	give := func() {
		for _, id := range slices.Sorted(maps.Keys(flows)) {
			flow(id, *flows[id])
		}
		clear(flows)
	}
	var packets uint64
	note := func(id Flow, octets int64) {
		h := flows[id]
		if h == nil {
			if len(flows) == flowsAtOnce {
				give()
			}
			h = &Held{Piece: f.Piece}
			flows[id] = h
		}
		h.Octets += octets
		h.Last = packets
	}
	var b capture.Batch
	var s reassembly.Segment
	for {
		places = places[:0]
		if err := in.Read(&b); err != nil {
			b.Release()
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, err
		}
		for i := range b.Packets {
			current = places[i]
			packets++
			o := decoder.Decode(&b.Packets[i], &s)
			octets := int64(len(b.Packets[i].Data))
			for ok := o == decode.TCP || o == decode.UDP; ok; ok = decoder.Next(&s) {
				if s.Key.Protocol == reassembly.ProtocolUDP { // either end may turn out to be the server's
					note(flowOf(&s), octets/2)
					s.Service ^= 1
					note(flowOf(&s), octets/2)
					continue
				}
				note(flowOf(&s), octets)
			}
		}
	}
	give()
	return l, nil
}

// problem takes what is wrong with a file that can be read.
func (l *Looked) problem(p *capture.Problem) {
	path := l.File.Path
	if len(l.File.Next) > 0 {
		path = p.Path
	}
	l.Problems = append(l.Problems, Problem{Path: path, Text: p.Error()})
}

// lost says that a file cannot be read, unless it was found in a directory.
func (l *Looked) lost(path string, listed bool, err error) {
	if !listed {
		l.Problems = append(l.Problems, Problem{Path: path, Text: err.Error(), Lost: true})
	}
}

// leaveOut leaves out what cannot be read of several files that are read together. It gives false where nothing is
// left.
func (l *Looked) leaveOut(open Opener) bool {
	if len(l.File.Next) == 0 {
		return true
	}
	var files []Neighbour
	for _, n := range l.File.all() {
		src, err := open(File{Path: n.Path, Number: n.Number}, capture.Options{})
		if err == nil {
			err = src.Close()
		}
		if err != nil {
			l.lost(n.Path, n.Listed, err)
			l.Left = append(l.Left, n)
			continue
		}
		files = append(files, n)
	}
	if len(files) == 0 {
		return false
	}
	l.File.of(files)
	return true
}

// Whole is what all workers know of the capture as a whole.
type Whole struct {
	Names   []string // by number of the file
	Last    event.At // the last packet of all
	Place   Place    // of that
	Secrets [][]byte // in the order of the files
	// Services are those of all files, in the order of their places.
	Services []Service
	Bases    map[int32]Base // of the pieces that are not the first of their files
}

// Base is what is before a piece in its file.
type Base struct {
	Packets uint64
	Latest  int64 // time of a packet
}

// move puts a place of a piece where it is in its file.
func (b Base) move(p *Place) {
	p.Number += b.Packets
	if b.Packets > 0 {
		p.Time = max(p.Time, b.Latest)
	}
}

// Sum makes a Whole of what was seen in all files, and gives that once each, in order.
func Sum(looked []*Looked) (*Whole, []*Looked) {
	slices.SortFunc(looked, func(a, b *Looked) int {
		return cmp.Or(cmp.Compare(a.File.Number, b.File.Number), cmp.Compare(a.File.Piece, b.File.Piece))
	})
	looked = slices.CompactFunc(looked, func(a, b *Looked) bool { return a.File.Piece == b.File.Piece })
	w := &Whole{Bases: make(map[int32]Base)}
	var base Base
	for i, l := range looked {
		if i == 0 || looked[i-1].File.Number != l.File.Number {
			base = Base{}
		}
		if base.Packets > 0 {
			w.Bases[l.File.Piece] = base
			base.move(&l.Place)
			l.Last.Number += base.Packets
			for i := range l.Services {
				base.move(&l.Services[i].Place)
			}
		}
		if l.Packets > 0 {
			base = Base{base.Packets + l.Packets, l.Place.Time}
		}
		for _, n := range slices.Concat(l.File.all(), l.Left) {
			for int(n.Number) >= len(w.Names) {
				w.Names = append(w.Names, "")
			}
			w.Names[n.Number] = n.Path
		}
		if l.Packets > 0 && (w.Last.Ordinal == 0 || l.Place.Compare(w.Place) > 0) {
			w.Last, w.Place = l.Last, l.Place
		}
		w.Secrets = append(w.Secrets, l.Secrets...)
		w.Services = append(w.Services, l.Services...)
	}
	slices.SortFunc(w.Services, func(a, b Service) int { return a.Place.Compare(b.Place) })
	return w, looked
}
