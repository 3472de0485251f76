package html

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Served are the limits of a page that asks for payloads instead of holding them.
func Served() Limits {
	return Limits{Items: 2_000_000, Handshakes: 100_000, Connections: 100_000, Findings: 20_000, Caveats: 5_000,
		Payload: 4 << 30, Compressed: 1, Heads: 256 << 20}
}

// Spool is where payloads wait to be asked for.
type Spool interface {
	io.Writer
	io.ReaderAt
}

// Server gives a page and its payloads to a browser.
type Server struct {
	page  *Page
	spool Spool
	html  []byte
	at    []int64 // of each item in the spool
	items map[int][]int
	// Host and Token are what a request must name: others on this machine, and pages of other origins, do not know the
	// token, and a name that was bent to this address is not the host.
	Host, Token string
}

// Serve makes p write payloads to spool. It is called before any event.
func (p *Page) Serve(spool Spool) {
	p.model.Served = true
	p.payloads.spool = bufio.NewWriterSize(spool, 64<<10)
}

// NewServer is called when all events were told.
func NewServer(spool Spool, p *Page, host, token string) (*Server, error) {
	if err := p.payloads.spool.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	p.w = &b
	if err := p.Flush(); err != nil {
		return nil, err
	}
	s := &Server{page: p, spool: spool, html: b.Bytes(), items: make(map[int][]int), Host: host, Token: token}
	at := int64(0)
	for i, n := range p.model.Items.Kept {
		c := int(p.model.Items.Connection[i])
		s.at = append(s.at, at)
		s.items[c] = append(s.items[c], i)
		at += int64(n)
	}
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ours := strings.CutPrefix(r.URL.Path, "/"+s.Token+"/")
	if !ours || r.Host != s.Host {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", "frame-ancestors 'none'") // the page itself says the rest
	number, isConnection := strings.CutPrefix(path, "c/")
	switch {
	case path == "":
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.Write(s.html)
	case isConnection:
		c, err := strconv.Atoi(number)
		if err != nil || c < 0 || c >= len(s.page.model.Connections) {
			http.NotFound(w, r)
			return
		}
		h.Set("Content-Type", "application/octet-stream")
		s.payloads(w, c)
	default:
		http.NotFound(w, r)
	}
}

// payloads writes the payloads of a connection's items, one behind the other.
func (s *Server) payloads(w io.Writer, c int) {
	out := bufio.NewWriterSize(w, 64<<10)
	defer out.Flush()
	for _, i := range s.items[c] {
		if _, err := io.Copy(out, io.NewSectionReader(s.spool, s.at[i], int64(s.page.model.Items.Kept[i]))); err != nil {
			return
		}
	}
}
