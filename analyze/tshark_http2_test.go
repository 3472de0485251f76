package analyze

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// The heads of every handshake on a stream of HTTP/2 are those that tshark shows in the same packet, and what the frames
// of a stream take is what tshark counts in its DATA. (Before 4.6 tshark shows no WebSocket frames there.)
func TestStreamsAgainstTshark(t *testing.T) {
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "h2*.pcapng")) {
		name := strings.TrimSuffix(filepath.Base(path), ".pcapng")
		t.Run(name, func(t *testing.T) {
			fields := map[uint64][]string{} // of all header blocks of a packet, in order
			octets := map[string]uint64{}   // of DATA, by direction and stream
			for _, row := range tsharkWith(t, append(streamOptions(path), "--disable-protocol", "websocket"), path, "http2.type", "frame.number", "tcp.srcport", "tcp.dstport", "http2.type",
				"http2.streamid", "http2.length", "http2.header.name", "http2.header.value") {
				list := func(i int) []string { return strings.Split(row[i], "\x1f") }
				packet := number(t, row[0])
				names, values := list(6), list(7)
				for i := range names {
					if names[i] != "" {
						fields[packet] = append(fields[packet], names[i]+": "+values[i])
					}
				}
				types, streams, lengths := list(3), list(4), list(5)
				for i, kind := range types {
					if kind == "0" {
						octets[fmt.Sprintf("%s>%s %s", row[1], row[2], streams[i])] += number(t, lengths[i])
					}
				}
			}
			r := analyseFile(t, path, withKeys(t, name))
			heads, streams := 0, 0
			for i := range r.handshakes {
				h := &r.handshakes[i]
				if !h.Conn.Stream.Known {
					continue
				}
				for _, head := range []*event.Head{h.Request, h.Response} {
					if head == nil {
						continue
					}
					var own []string
					for _, f := range head.Fields {
						own = append(own, f.Name+": "+f.Value)
					}
					heads++
					if !contains(fields[head.Last.Number], own) {
						t.Errorf("stream %d, packet %d: %q is not in tshark's %q", h.Conn.Stream.Value, head.Last.Number, own, fields[head.Last.Number])
					}
				}
				if h.Verdict != event.Established {
					continue
				}
				for _, from := range []event.Side{event.Client, event.Server} {
					own := uint64(0)
					for j := range r.frames {
						if f := &r.frames[j]; f.Conn.Stream == h.Conn.Stream && f.Conn.Ordinal == h.Conn.Ordinal && f.From == from && f.Complete {
							own += uint64(f.Header.Size) + f.Header.Length
						}
					}
					streams++
					key := fmt.Sprintf("%d>%d %d", h.Conn.Peer[from].Port(), h.Conn.Peer[from.Other()].Port(), h.Conn.Stream.Value)
					if own != octets[key] {
						t.Errorf("stream %d: the %s's frames take %d octets, tshark counts %d of DATA", h.Conn.Stream.Value, from, own, octets[key])
					}
				}
			}
			t.Logf("%d heads and %d directions of streams are as tshark reads them", heads, streams)
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// contains says that part stands in list as it is.
func contains(list, part []string) bool {
	for i := 0; i+len(part) <= len(list); i++ {
		if slices.Equal(list[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
