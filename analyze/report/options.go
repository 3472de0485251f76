package report

import (
	"strconv"

	"wshake/analyze/event"
)

// Options say how to print. The zero value prints nothing.
type Options struct {
	Show  event.Kinds
	Width int  // of the terminal in columns, from 20; 0 where there is none: no line is folded, only cells are bounded
	Color bool // mark levels and verdicts by colour
	// Names gives the files by At.File. It is called when an event is printed, since files may still be opened then.
	Names func() []string
	// ManyFiles says that packet numbers need the name of their file.
	ManyFiles bool
	Clock     Clock
	// Start gives the time of the first packet, ns since the epoch, false where none was read. Nil: times count from
	// the first event.
	Start    func() (int64, bool)
	Count    bool // tables count attempts where there are more than a thousand, instead of listing them
	Redact   bool // the events come from package redact: pages say so
	All      bool // list every finding and host, also those of one cause
	Selected bool // only selected events are printed: the table of hosts, which counts all, is left out
	// Selection names the flag that selected them and its words, "" for --where.
	Selection string
	Pretty    bool // indent payloads that are JSON, in transcripts
}

func (o *Options) shows(s event.Kinds) bool { return o.Show&s != 0 }

// file is the name of the file that at counts packets in, "" where it is not known.
func (o *Options) file(at *event.At) string {
	if o.Names == nil {
		return ""
	}
	if names := o.Names(); at.File >= 0 && int(at.File) < len(names) {
		return names[at.File]
	}
	return ""
}

// place names the packet that an event is evidenced by, as people look it up.
func (o *Options) place(at *event.At) string {
	place := "packet " + strconv.FormatUint(at.Number, 10)
	if o.ManyFiles {
		place = Sanitise(o.file(at)) + " " + place
	}
	return place
}
