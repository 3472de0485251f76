package decode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"wshake/capture"
	"wshake/testdata/need"
)

// pcapng writes packets of any link types into one file.
func pcapng(packets []*capture.Packet) []byte {
	var file []byte
	block := func(kind uint32, body []byte) {
		body = append(body, make([]byte, -len(body)&3)...)
		length := uint32(len(body) + 12)
		file = binary.LittleEndian.AppendUint32(file, kind)
		file = binary.LittleEndian.AppendUint32(file, length)
		file = append(file, body...)
		file = binary.LittleEndian.AppendUint32(file, length)
	}
	const section, description, enhanced = 0x0a0d0d0a, 1, 6
	block(section, x("4d3c2b1a 0100 0000 ffffffffffffffff"))
	interfaces := map[capture.LinkType]uint32{}
	for _, p := range packets {
		id, ok := interfaces[p.Link]
		if !ok {
			id = uint32(len(interfaces))
			interfaces[p.Link] = id
			block(description, join(le16(int(p.Link)), x("0000 00000400")))
		}
		var b []byte
		for _, v := range []uint32{id, 0, uint32(p.Number), uint32(len(p.Data)), p.Length} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		block(enhanced, append(b, p.Data...))
	}
	return file
}

// TestWrappingsLikeTshark has tshark read every wrapping: where it looks as deep as we do, it finds the same
// segment. It is how the layouts in the other tests are known to be right.
func TestWrappingsLikeTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		need.Lacking(t, "no tshark to compare with")
	}
	var packets []*capture.Packet
	all := wrappings()
	for i, w := range all {
		data := w.data(opener)
		if strings.HasPrefix(w.name, "macsec") {
			data = append(data, make([]byte, 16)...) // the check value behind it, which tshark takes off
		}
		p := packet(w.link, data)
		p.Number = uint64(i + 1)
		packets = append(packets, p)
	}
	cmd := exec.Command(tshark, "-r", "-", "-T", "fields", "-E", "occurrence=l", "-e", "frame.number", "-e", "tcp.srcport", "-e", "tcp.seq_raw", "-e", "tcp.len")
	cmd.Stdin = bytes.NewReader(pcapng(packets))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(lines) != len(all) {
		t.Fatalf("tshark prints %d lines for %d packets", len(lines), len(all))
	}
	agree, silent := 0, []string(nil)
	for i, w := range all {
		switch lines[i] {
		case fmt.Sprintf("%d\t40000\t1000\t%d", i+1, len(said[opener])):
			agree++
		case fmt.Sprintf("%d\t\t\t", i+1):
			silent = append(silent, w.name)
		default:
			if !strings.Contains(w.name, "pseudowire, address") { // tshark takes those addresses for IP
				t.Errorf("%s: tshark finds %q", w.name, lines[i])
			}
		}
	}
	t.Logf("tshark finds %d of %d; it does not look into: %s", agree, len(all), strings.Join(silent, ", "))
	if agree < len(all)*3/4 {
		t.Errorf("tshark finds only %d of %d", agree, len(all))
	}
}
