package decode

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

const capturesFolder = "../../../shared/captures"

// eachCapture does something with every capture below a folder of capturesFolder.
func eachCapture(t *testing.T, folder string, do func(t *testing.T, path string, packets []capture.Packet)) {
	if _, err := os.Stat(capturesFolder); err != nil {
		need.Lacking(t, "no captures of other projects at "+capturesFolder)
	}
	var found int
	err := filepath.WalkDir(filepath.Join(capturesFolder, folder), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(path, ".gz")
		if ext := filepath.Ext(name); ext != ".pcap" && ext != ".pcapng" {
			return nil
		}
		found++
		t.Run(strings.TrimPrefix(path, capturesFolder+"/"), func(t *testing.T) {
			do(t, path, readCapture(t, path))
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Fatal("no captures in " + capturesFolder)
	}
}

// readCapture reads a whole file; damage at its end is none of ours.
func readCapture(t *testing.T, path string) []capture.Packet {
	t.Helper()
	source, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var packets []capture.Packet
	for {
		var b capture.Batch // never released, so that the packets stay
		err := source.Read(&b)
		packets = append(packets, b.Packets...)
		if err == io.EOF {
			return packets
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCapturesLikeTshark compares, packet by packet, ports, sequence number and the payload's length on the wire.
// tshark does not count what an IP header claims beyond the length the file gives for the packet; we do, so that is
// taken off.
func TestCapturesLikeTshark(t *testing.T) {
	need.Long(t) // tshark takes a third of a second for each capture
	tshark := need.Program(t, "tshark")
	eachCapture(t, "odd", func(t *testing.T, path string, packets []capture.Packet) {
		out, err := exec.Command(tshark, "-r", path, "-T", "fields", "-E", "occurrence=l", "-Y", "tcp.len",
			"-e", "frame.number", "-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tcp.seq_raw", "-e", "tcp.len").Output()
		if err != nil {
			t.Fatal(err)
		}
		d := NewDecoder(Config{})
		var got strings.Builder
		for i := range packets {
			var s reassembly.Segment
			if p := &packets[i]; d.Decode(p, &s) == TCP {
				s.Cut = min(s.Cut, p.Length-uint32(len(p.Data)))
				fmt.Fprintf(&got, "%d\t%d\t%d\t%d\t%d\n", s.At.Number, s.Key.Port[s.From], s.Key.Port[s.From^1], s.Seq, len(s.Payload)+int(s.Cut))
			}
		}
		if diff := cmp.Diff(string(out), got.String()); diff != "" {
			t.Errorf("tshark and we differ (-tshark +wshake):\n%s", diff)
		}
	})
}

// TestCapturesLikeGopacket compares with gopacket wherever it decodes a packet to the end.
func TestCapturesLikeGopacket(t *testing.T) {
	eachCapture(t, "", func(t *testing.T, _ string, packets []capture.Packet) {
		d := NewDecoder(Config{})
		for i := range packets {
			var s reassembly.Segment
			o := d.Decode(&packets[i], &s)
			if packets[i].Link > 255 {
				continue
			}
			p := gopacket.NewPacket(packets[i].Data, layers.LinkType(packets[i].Link), gopacket.Lazy)
			tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
			if !ok || p.ErrorLayer() != nil {
				continue
			}
			if o != TCP {
				t.Errorf("packet %d is %v for us, TCP for gopacket", i+1, o)
				continue
			}
			if s.Key.Port[s.From] != uint16(tcp.SrcPort) || s.Key.Port[s.From^1] != uint16(tcp.DstPort) || s.Seq != tcp.Seq || s.Ack != tcp.Ack {
				t.Errorf("packet %d: %+v, gopacket has %+v", i+1, s, tcp)
			}
			if !bytes.Equal(s.Payload, tcp.Payload) {
				t.Errorf("packet %d: payload of %d octets, gopacket has %d", i+1, len(s.Payload), len(tcp.Payload))
			}
		}
	})
}
