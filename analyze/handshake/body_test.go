package handshake

import (
	"bytes"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"wshake/analyze/event"
)

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func zlibbed(text string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func deflated(text string) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 6)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func zstded(text string) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll([]byte(text), nil)
}

func brotlied(text string) []byte {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func TestReadBody(t *testing.T) {
	const page = "<html><head><title>Just a moment...</title></head><body>wait</body></html>"
	latin, _ := charmap.ISO8859_1.NewEncoder().String("accès refusé")
	sjis, _ := japanese.ShiftJIS.NewEncoder().String("接続できません")
	for name, c := range map[string]struct {
		fields []string // name, value
		octets []byte
		want   string // the reason
		binary bool
	}{
		"text":         {octets: []byte("No Connection with that ID\n"), want: "No Connection with that ID"},
		"json":         {octets: []byte(`{"code":1,"message":"Session ID unknown"}`), want: "Session ID unknown"},
		"jsonCut":      {octets: []byte(`{"error":"token expired","trace":"abc`), want: "token expired"},
		"jsonNested":   {octets: []byte(`{"errors":[{"message":"not allowed","path":"/"}]}`), want: "not allowed"},
		"jsonNumber":   {octets: []byte(`{"status":403,"detail":"no cookie"}`), want: "no cookie"},
		"jsonString":   {octets: []byte(`"Forbidden"`), want: "Forbidden"},
		"jsonOther":    {octets: []byte(`{"a":1}`), want: `{"a":1}`},
		"page":         {octets: []byte(page), want: "Just a moment..."},
		"heading":      {octets: []byte("<html><h1>Blocked <b>host</b></h1>"), want: "Blocked"},
		"scriptFirst":  {octets: []byte("<script>x</script><p>denied</p>"), want: "denied"},
		"gzip":         {fields: []string{"Content-Encoding", "gzip"}, octets: gzipped(page), want: "Just a moment..."},
		"gzipCut":      {fields: []string{"Content-Encoding", "gzip"}, octets: gzipped("blocked by a rule " + strings.Repeat("0123456789abcdef", 9))[:40], want: "blocked by a rule"},
		"deflate":      {fields: []string{"Content-Encoding", "deflate"}, octets: zlibbed("denied"), want: "denied"},
		"deflateAlone": {fields: []string{"Content-Encoding", "deflate"}, octets: deflated("denied"), want: "denied"},
		"br":           {fields: []string{"Content-Encoding", "br"}, octets: brotlied("denied"), want: "denied"},
		"twoCodings":   {fields: []string{"Content-Encoding", "gzip, br"}, octets: brotlied(string(gzipped("denied"))), want: "denied"},
		"zstd":         {fields: []string{"Content-Encoding", "zstd"}, octets: zstded("denied"), want: "denied"},
		"zstdCut":      {fields: []string{"Content-Encoding", "zstd"}, octets: []byte("(\xb5/\xfd"), binary: true},
		"compress":     {fields: []string{"Content-Encoding", "compress"}, octets: []byte("\x1f\x9d"), binary: true},
		"statusPage":   {octets: []byte("<title>HTTP Status 400 \u2013 Bad Request</title><h1>HTTP Status 400</h1><p><b>Type</b> Status Report</p><p>Invalid character in the target</p>"), want: "Invalid character in the target"},
		"styledPage":   {octets: []byte("<title>Error</title><style>" + strings.Repeat("a{b:c}", 1000) + "</style><h1>Blocked hosts: a.example.org</h1>"), want: "Blocked hosts: a.example.org"},
		"cyrillic":     {octets: []byte("<title>Доступ запрещён</title><h1>403</h1>"), want: "Доступ запрещён"},
		"notGzip":      {fields: []string{"Content-Encoding", "gzip"}, octets: []byte("plain"), binary: true},
		"latin1":       {fields: []string{"Content-Type", "text/plain; charset=iso-8859-1"}, octets: []byte(latin), want: "accès refusé"},
		"shiftJIS":     {fields: []string{"Content-Type", "text/html; charset=Shift_JIS"}, octets: []byte(sjis), want: "接続できません"},
		"utf8Cut":      {octets: []byte("refusé")[:6], want: "refus"},
		"binary":       {octets: []byte{0, 1, 2, 3}, binary: true},
		"empty":        {octets: nil, binary: true},
		"long":         {octets: []byte(strings.Repeat("a", 500)), want: strings.Repeat("a", 160) + "…"},
		"paragraph":    {octets: []byte("first\nline\n\nsecond"), want: "first line"},
	} {
		r := &event.Head{Status: 403}
		for i := 0; i < len(c.fields); i += 2 {
			r.Fields = append(r.Fields, event.Field{Name: c.fields[i], Value: c.fields[i+1]})
		}
		got := ReadBody(r, c.octets)
		if c.binary != !got.IsText || !strings.HasPrefix(got.Reason, c.want) || c.want == "" && got.Reason != "" {
			t.Errorf("%s: %+v, want the reason %q", name, got, c.want)
		}
	}
}

// A body that inflates without end costs no more than its beginning.
func TestReadBodyIsBounded(t *testing.T) {
	r := &event.Head{Fields: []event.Field{{Name: "Content-Encoding", Value: "gzip, gzip"}}}
	bomb := gzipped(string(gzipped(strings.Repeat("a", 10<<20))))
	if b := ReadBody(r, bomb); len(b.Text) > decodedKept {
		t.Errorf("%d octets", len(b.Text))
	}
}

func FuzzReadBody(f *testing.F) {
	f.Add("", "", []byte("denied"))
	f.Add("gzip", "text/html; charset=utf-16", gzipped("<title>x"))
	f.Add("br, deflate", "application/json", []byte(`{"error":["a"]}`))
	f.Fuzz(func(t *testing.T, coding, contentType string, octets []byte) {
		r := &event.Head{Fields: []event.Field{{Name: "Content-Encoding", Value: coding}, {Name: "Content-Type", Value: contentType}}}
		if b := ReadBody(r, octets); len(b.Reason) > 4*reasonKept+4 || len(b.Text) > 4*decodedKept {
			t.Errorf("%d octets of text, reason %q", len(b.Text), b.Reason)
		}
	})
}
