//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/testdata/hostile"
)

// Shapes that conversations of the grammar have now and then, each by itself: all frames of them are found and what is
// wanted is told, also from the packets that --write keeps.
func TestHostileShapes(t *testing.T) {
	shapes := map[string]struct {
		run    func(f *hostile.Flow)
		frames int
		told   string
	}{
		"the reply of SOCKS 4 is missed, and the request has no known form": {func(f *hostile.Flow) {
			f.Open()
			f.Say(0, []byte("\x04\x01\x00\x50\x0a\x00\x00\x08user\x00"))
			f.Next[1] += 8
			heads := hostile.Handshake("")
			f.Say(0, bytes.Replace(heads[0], []byte("/chat HTTP/1.1"), []byte("//\xff HTTP/1.1 x"), 1))
			f.Say(1, heads[1])
			f.Say(0, []byte("\x81\x81\x01\x02\x03\x04x"))
			f.Say(1, []byte("\x81\x01x"))
			f.Close()
		}, 2, ""},
		"from the middle, a request of unknown form behind a PROXY header": {func(f *hostile.Flow) {
			f.Say(0, []byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x0a\x00\x00\x09\x0a\x00\x00\x08\x00\x01\x00\x02"))
			oddRequest(f, "\t")
		}, 2, `"method":"GET","uri":"/chat"`},
		"from the middle, a request of unknown form": {func(f *hostile.Flow) {
			f.Say(1, []byte("an answer before"))
			oddRequest(f, "\t")
		}, 2, `until a message was recognised","bytes":16`},
		"from the middle, an answer whose request is not found": {func(f *hostile.Flow) {
			f.Say(0, []byte("whatever"))
			f.Say(1, hostile.Handshake("")[1])
			f.Say(0, []byte("\x81\x81\x01\x02\x03\x04x"))
			f.Say(1, []byte("\x81\x01x"))
		}, 1, `8 octets of the client and 0 of the server were passed over`},
		"from the middle, a request of unknown form behind another": {func(f *hostile.Flow) {
			f.Say(0, []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
			f.Say(1, []byte("HTTP/1.1 204 No Content\r\n\r\n"))
			oddRequest(f, "\t")
		}, 2, `"method":"GET","uri":"/chat"`},
		"control frames behind a forged FIN and a forged SYN": {func(f *hostile.Flow) {
			f.Agree("")
			f.Say(0, []byte("\x81\x81\x01\x02\x03\x04x"))
			f.TTL[1] = 33
			f.Send(1, hostile.FIN|hostile.ACK, f.Next[1]+5, nil)
			f.Send(0, hostile.SYN, f.Next[0]+1<<20, nil)
			f.TTL[1] = 63
			f.Say(0, []byte("\x88\x82\x00\x00\x00\x00\x03\xe8"))
			f.Say(1, []byte("\x88\x02\x03\xe8"))
			f.Close()
		}, 3, ""},
	}
	dir := t.TempDir()
	for name, shape := range shapes {
		capture, kept := filepath.Join(dir, "capture"), filepath.Join(dir, "kept")
		var b bytes.Buffer
		err := hostile.WritePcap(&b, func(yield func(hostile.Packet) bool) {
			shape.run(hostile.NewFlow(1, func(p hostile.Packet) { yield(p) }))
		})
		if err == nil {
			err = os.WriteFile(capture, b.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"--write", kept, "--force", capture}, {kept}} {
			_, out, errs := wshake(append([]string{"-o", "json", "--show", "handshakes,frames,caveats"}, args...)...)
			if n := strings.Count(out, `"type":"frame"`); n != shape.frames {
				t.Errorf("%s: %v finds %d frames, want %d: %s%s", name, args, n, shape.frames, out, errs)
			}
			if !strings.Contains(out, shape.told) {
				t.Errorf("%s: %v does not tell %q: %s%s", name, args, shape.told, out, errs)
			}
		}
	}
}

// oddRequest says a request whose words are not parted by a blank, its 101 and a frame of each side.
func oddRequest(f *hostile.Flow, between string) {
	heads := hostile.Handshake("")
	f.Say(0, bytes.Replace(heads[0], []byte("GET /chat HTTP/1.1"), []byte("GET"+between+"/chat"+between+"HTTP/1.1"), 1))
	f.Say(1, heads[1])
	f.Say(0, []byte("\x81\x81\x01\x02\x03\x04x"))
	f.Say(1, []byte("\x81\x01x"))
}
