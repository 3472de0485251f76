package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

//go:embed page/page.html page/css/*.css page/js/*.js
var sources embed.FS

// scripts and styles are the page's source files in the order that they are joined in.
var (
	styles  = []string{"tokens", "shell", "overview", "timeline", "handshakes", "conversation", "charts", "print"}
	scripts = []string{"dom", "format", "wire", "model", "virtual", "state", "overview", "timeline_draw",
		"timeline", "filter", "compare", "handshakes",
		"conversation_rows", "conversation", "charts_svg", "charts", "app"}
)

// Source returns the script and the style sheet of the page, joined.
func Source() (script, style string) {
	return "\"use strict\";\n" + joined("page/js", scripts, ".js"), joined("page/css", styles, ".css")
}

func joined(dir string, names []string, ending string) string {
	var b strings.Builder
	for _, name := range names {
		text, err := fs.ReadFile(sources, path.Join(dir, name+ending))
		if err != nil {
			panic(err) // a name above has no file: a test finds it
		}
		b.Write(text)
	}
	return b.String()
}

// Flush writes the page, once, and returns the first error of any write.
func (p *Page) Flush() error {
	if !p.written {
		p.written = true
		p.finish()
		p.write()
	}
	return p.err
}

// finish makes times relative and sums up.
func (p *Page) finish() {
	m := &p.model
	if s := p.summary; s != nil {
		if s.FirstTime.Known {
			p.sees(s.FirstTime.Value)
		}
		if s.LastTime.Known {
			p.sees(s.LastTime.Value)
		}
	}
	if p.base > p.last {
		p.base, p.last = 0, 0
	}
	base := p.base
	m.Base, m.Files = strconv.FormatInt(base, 10), p.names()
	m.Density, m.Opened = p.all.model(base), p.opened.model(base)
	if len(m.Items.Time) > 0 {
		m.Items.Time[0] -= base
	}
	if !slices.ContainsFunc(m.Items.File, func(f int32) bool { return f != 0 }) {
		m.Items.File = nil
	}
	for _, c := range m.Connections {
		c.First = max(c.First-base, 0)
		c.Last = max(c.Last-base, 0)
		for i := range c.Gaps {
			c.Gaps[i][0] -= base
		}
		c.Density = c.density.model(base)
	}
	m.Legs = legs(m.Handshakes)
	for _, h := range m.Handshakes {
		h.Time = max(h.Time-base, 0)
		for _, head := range []*head{h.Request, h.Response} {
			if head != nil {
				head.First = max(head.First-base, 0)
				head.Last = max(head.Last-base, 0)
			}
		}
	}
	for _, f := range m.Findings {
		f.Time = max(f.Time-base, 0)
	}
	slices.SortStableFunc(m.Hosts, func(a, b *hostCount) int { return int(b.Failed) - int(a.Failed) })
	if s := p.summary; s != nil {
		m.Summary = p.sum(base)
	}
}

func (p *Page) sum(base int64) *summary {
	e := p.summary
	s := &summary{Packets: e.Packets, Bytes: e.Bytes, Connections: e.Connections, WebSocket: e.WebSocket,
		TLS:    [2]uint64{e.TLS.Decrypted, e.TLS.Undecrypted},
		QUIC:   [2]uint64{e.QUIC.Decrypted, e.QUIC.Undecrypted},
		Frames: e.Frames, Messages: e.Messages, Handshakes: make(map[string]uint64), Findings: make(map[string]uint64),
		Caveats: maps.Clone(e.Caveats)}
	for v, n := range e.Handshakes {
		s.Handshakes[event.Verdict(v).String()] = n
	}
	for l, n := range e.Findings {
		s.Findings[event.Level(l).String()] = n
	}
	if e.FirstTime.Known && e.LastTime.Known {
		first, last := e.FirstTime.Value-base, e.LastTime.Value-base
		s.First, s.Last = &first, &last
	}
	for _, u := range e.Unread[:min(len(e.Unread), unreadMost)] {
		s.Unread = append(s.Unread, unread{report.Sanitise(u.What), u.Packets, u.Bytes})
	}
	if e.Dropped != nil {
		s.Dropped = &[2]uint64{e.Dropped.Kernel, e.Dropped.Interface}
	}
	return s
}

// write fills the template in.
func (p *Page) write() {
	template, err := fs.ReadFile(sources, "page/page.html")
	if err != nil {
		panic(err) // embedded
	}
	script, style := Source()
	for _, part := range slots(string(template)) {
		switch part {
		case "{{policy}}":
			p.print(policy(script, style))
			if p.model.Served {
				p.print("; connect-src 'self'")
			}
		case "{{style}}":
			p.print(style)
		case "{{script}}":
			p.print(script)
		case "{{model}}":
			p.encode(func(w io.Writer) error {
				z, _ := gzip.NewWriterLevel(w, gzip.DefaultCompression) // the level is valid
				e := json.NewEncoder(z)
				if err := e.Encode(&p.model); err != nil {
					return err
				}
				return z.Close()
			})
		case "{{payloads}}":
			p.encode(func(w io.Writer) error {
				if p.model.Served {
					return nil
				}
				_, err := w.Write(p.payloads.octets())
				return err
			})
		default:
			p.print(part)
		}
	}
}

// slots cuts a template at its places to fill in, which are parts of their own.
func slots(template string) []string {
	var parts []string
	for {
		before, rest, found := strings.Cut(template, "{{")
		parts = append(parts, before)
		if !found {
			return parts
		}
		name, after, _ := strings.Cut(rest, "}}")
		parts = append(parts, "{{"+name+"}}")
		template = after
	}
}

// policy is the page's Content-Security-Policy: its own script and style, and nothing else.
func policy(script, style string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + hash(script) + "; style-src " + hash(style) +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

func (p *Page) print(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// encode writes in base64 what make writes.
func (p *Page) encode(make func(io.Writer) error) {
	if p.err != nil {
		return
	}
	e := base64.NewEncoder(base64.StdEncoding, p.w)
	if p.err = make(e); p.err == nil {
		p.err = e.Close()
	}
}
