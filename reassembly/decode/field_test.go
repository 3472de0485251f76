package decode

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// TestFieldCaptures reads captures made after reports of other tools' users. Each carries the same conversation,
// in another wrapping.
func TestFieldCaptures(t *testing.T) {
	if _, err := os.Stat(fieldFolder); err != nil {
		need.Lacking(t, "no captures from the field at "+fieldFolder)
	}
	reference := ""
	for _, name := range []string{
		"skew_m5s", // plain Ethernet
		"vntag8926", "tzsp37008", "capwap5247_8023", "greudp4754", "amsdu", "rawip_as_ethernet", "link149_pktap_user2", "link192_ppi_eth",
	} {
		all := play(t, readCapture(t, filepath.Join(fieldFolder, name+".pcap")))
		if len(all) != 1 {
			t.Errorf("%s: %d connections, want 1", name, len(all))
			continue
		}
		s := all[0]
		client, server := string(s.text[0]), string(s.text[1])
		if !strings.HasPrefix(client, "GET /plain HTTP/1.1\r\n") || !strings.HasPrefix(server, "HTTP/1.1 101 ") || s.gaps != [2]int{} || s.conflicts > 0 {
			t.Errorf("%s: gaps %d, conflicts %d, %.40q, %.40q", name, s.gaps, s.conflicts, client, server)
		}
		sum := sha256.Sum256([]byte(client + "|" + server))
		if reference == "" {
			reference = string(sum[:])
		}
		if string(sum[:]) != reference {
			t.Errorf("%s: other octets than in the first capture", name)
		}
	}
}

// TestFieldUnread names what a capture has instead.
func TestFieldUnread(t *testing.T) {
	if _, err := os.Stat(fieldFolder); err != nil {
		need.Lacking(t, "no captures from the field at "+fieldFolder)
	}
	for name, want := range map[string]string{
		"wireguard.pcap": "93 WireGuard (UDP 51820) encrypted",
		"amsdu.pcap":     "",
	} {
		packets := readCapture(t, filepath.Join(fieldFolder, name))
		var datas [][]byte
		for _, p := range packets {
			datas = append(datas, p.Data)
		}
		if got := unreadOf(packets[0].Link, datas...); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	packets := readCapture(t, filepath.Join(fieldFolder, "snap96_plain.pcap"))
	d := NewDecoder(Config{})
	var missed uint64
	cut := uint64(0)
	for i := range packets {
		p := &packets[i]
		var s reassembly.Segment
		d.Decode(p, &s)
		if n := int(p.Length) - len(p.Data); n > 0 {
			missed += uint64(n)
			cut++
		}
	}
	if c := d.Counts().Cut; c.Packets != cut || c.Missing != missed || cut == 0 {
		t.Errorf("%+v, want %d packets and %d octets", c, cut, missed)
	}
}
