package capture

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"wshake/testdata/need"
)

// byPcapgo reads a sound file with gopacket's readers. What they cannot tell is left out: links above 255.
func byPcapgo(file []byte) ([]Packet, error) {
	var read func() ([]byte, gopacket.CaptureInfo, error)
	var link func(gopacket.CaptureInfo) LinkType
	if formatOf(file) == pcapng {
		r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
		if err != nil {
			return nil, err
		}
		read = r.ReadPacketData
		link = func(ci gopacket.CaptureInfo) LinkType { return LinkType(ci.AncillaryData[0].(layers.LinkType)) }
	} else {
		r, err := pcapgo.NewReader(bytes.NewReader(file))
		if err != nil {
			return nil, err
		}
		r.SetSnaplen(MaxRecord)
		read = r.ReadPacketData
		link = func(gopacket.CaptureInfo) LinkType { return LinkType(r.LinkType()) }
	}
	var all []Packet
	for {
		data, ci, err := read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		n := uint64(len(all) + 1)
		all = append(all, Packet{Data: data, Time: ci.Timestamp.UnixNano(), Ordinal: n, Number: n, Length: uint32(ci.Length), Link: link(ci)})
	}
}

// ours reads a file and leaves out what pcapgo cannot tell.
func ours(t *testing.T, file []byte) *run {
	r := readBytes(t, file)
	for i := range r.Packets {
		r.Packets[i].Link &= 0xff
	}
	return r
}

// differ shows the first packet that is not the same.
func differ(want, got []Packet) string {
	for i := range min(len(want), len(got)) {
		w, g := want[i], got[i]
		same := bytes.Equal(w.Data, g.Data)
		w.Data, g.Data = nil, nil
		if !same || !cmp.Equal(w, g) {
			return cmp.Diff(want[i], got[i])
		}
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d packets, want %d", len(got), len(want))
	}
	return ""
}

func TestAgainstPcapgo(t *testing.T) {
	all := samples(2500)
	files := map[string][]byte{}
	for _, o := range orders {
		files[fmt.Sprint("pcap micro ", o)] = pcapFile(o, magicMicro, all...)
		files[fmt.Sprint("pcap nano ", o)] = pcapFile(o, magicNano, all...)
		files[fmt.Sprint("pcapng ", o)] = pcapngFile(o, all...)
		g := &ng{order: o}
		g.section(-1).iface(1, 0, g.option(ifTsresol, "\x09")).iface(101, 96, g.option(ifTsresol, "\x03"), g.option(12, "linux"))
		for i, p := range all {
			g.enhanced(uint32(i%2), uint64(i)*1_000_003, p.data, g.option(optComment, "hello"))
		}
		g.section(-1).iface(113, 0).enhanced(0, 5, "second section")
		files[fmt.Sprint("pcapng with interfaces ", o)] = g.buf
	}
	for name, file := range files {
		want, err := byPcapgo(file)
		if err != nil || len(want) < len(all) {
			t.Fatal(name, len(want), err)
		}
		r := ours(t, file)
		if diff := differ(want, r.Packets); diff != "" || len(r.Problems) > 0 {
			t.Errorf("%s: %s %v", name, diff, r.Problems)
		}
	}
}

// TestAgainstPcapgoOnRealTraffic reads the captures that lie in and beside the project.
func TestAgainstPcapgoOnRealTraffic(t *testing.T) {
	for _, root := range []string{"../testdata/captures", "../../shared/captures"} {
		t.Run(filepath.Base(filepath.Dir(root)), func(t *testing.T) { againstPcapgo(t, root) })
	}
}

func againstPcapgo(t *testing.T, root string) {
	if _, err := os.Stat(root); err != nil {
		need.Lacking(t, "the captures are not here: "+root)
	}
	read := 0
	filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.Contains(path, ".pcap") {
			return nil
		}
		file, err := os.ReadFile(path)
		if err != nil || formatOf(file) == unknownFormat {
			return nil
		}
		if formatOf(file) == gzipped {
			c, err := decompress(bytes.NewReader(file))
			if err != nil {
				t.Fatal(path, err)
			}
			if file, err = io.ReadAll(c); err != nil {
				t.Fatal(path, err)
			}
		}
		read++
		want, err := byPcapgo(file)
		r := ours(t, file)
		if err != nil {
			t.Logf("%s: pcapgo stops after %d packets: %v; we after %d: %v", path, len(want), err, len(r.Packets), r.Problems)
			r.Packets = r.Packets[:min(len(want), len(r.Packets))]
		} else if len(r.Problems) > 0 {
			t.Errorf("%s: %v", path, r.Problems)
		}
		if diff := differ(want, r.Packets); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		return nil
	})
	if read == 0 {
		t.Error("no capture was read")
	}
	t.Logf("%d files", read)
}
