package analyze

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/testdata/need"
)

// runNotes lists the caveats of the whole run, and what the summary says was not read.
func runNotes(r *recorder) string {
	var lines []string
	for _, c := range r.caveats {
		if c.Conn == nil {
			lines = append(lines, c.Name+": "+c.Text)
		}
	}
	for _, u := range r.summary.Unread {
		lines = append(lines, fmt.Sprintf("%d %s", u.Packets, u.What))
	}
	return strings.Join(lines, "\n")
}

// packetsOf makes a tape of packets.
func packetsOf(link capture.LinkType, datas ...[]byte) tape {
	var t tape
	for i, b := range datas {
		t = append(t, capture.Packet{Data: b, Length: uint32(len(b)), Link: link, Time: 1e18 + int64(i)*1e6})
	}
	return t
}

// What cannot be read is named: as a caveat where it may hide WebSockets, in the summary always.
func TestUnreadIsTold(t *testing.T) {
	const ethernet = 1
	wireguard := func() []byte { return udp(0, 51820, x("04000000 01020304 0000000000000000"), make([]byte, 32)) }
	quic := udp(0, 443, x("c3 00000001 08 0102030405060708 00 0044"))
	arp := join(x(macs+"0806"), make([]byte, 28))
	for _, c := range []struct {
		name string
		tape tape
		want string
	}{
		{"wireguard", packetsOf(linkRaw, wireguard(), wireguard()), `
encrypted: 2 packets are WireGuard (UDP 51820), which is encrypted
2 WireGuard (UDP 51820)`},
		{"two ciphers", packetsOf(linkRaw, wireguard(), wireguard(), outer4(0, 50, x("00000001 00000001"))), `
encrypted: 3 packets are encrypted: 2 WireGuard (UDP 51820), 1 IPsec ESP (IP protocol 50)
2 WireGuard (UDP 51820)
1 IPsec ESP (IP protocol 50)`},
		{"quic", packetsOf(linkRaw, quic), `
quic-undecrypted: 1 packet is QUIC (UDP 443), which is encrypted
1 QUIC (UDP 443)`},
		{"harmless", packetsOf(ethernet, arp, arp), `
2 ARP (EtherType 0806)`},
		{"unknown", packetsOf(ethernet, join(x(macs+"7777"), make([]byte, 28))), `
not-decoded: 1 packet is EtherType 7777, which is not decoded
1 EtherType 7777`},
		{"many unknown", packetsOf(linkRaw, udp(0, 5001), udp(0, 5002), udp(0, 5003), udp(0, 5004), udp(0, 5005), udp(0, 5006)), `
not-decoded: 6 packets are not decoded: 1 UDP 5001, 1 UDP 5002, 1 UDP 5003, 1 UDP 5004 and 2 more kinds
1 UDP 5001
1 UDP 5002
1 UDP 5003
1 UDP 5004
1 UDP 5005
1 UDP 5006`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := runNotes(c.tape.analyse(t)), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A few packets among many, with WebSockets in the others, are counted and no caveat.
func TestFewUnreadPacketsAreNoCaveat(t *testing.T) {
	chat := script(t, upgrade, talk(200, 2, 300, 3), farewell)
	with := func(n int) *recorder {
		mixed := chat[:len(chat):len(chat)]
		for i := range n {
			p := packetsOf(linkRaw, udp(0, 5000, x("00000000")))[0]
			p.Time = chat[len(chat)-1].Time + int64(i)
			mixed = append(mixed, p)
		}
		return mixed.analyse(t)
	}
	if r := with(1); runNotes(r) != "1 UDP 5000" {
		t.Errorf("one in %d: %s", len(chat), runNotes(r))
	}
	if r := with(len(chat) / 10); !strings.HasPrefix(runNotes(r), "not-decoded: ") {
		t.Errorf("one in ten: %s", runNotes(r))
	}
}

// A snap length is named with what it took, whatever could be read.
func TestSnapLengthIsTold(t *testing.T) {
	whole := script(t, upgrade, talk(20, 2, 3000, 3), farewell)
	for _, n := range []int{68, 96, 128, 200, 256} {
		cut := append(tape(nil), whole...)
		packets, missing, all := 0, 0, 0
		for i := range cut {
			all += len(cut[i].Data)
			if len(cut[i].Data) > n {
				packets++
				missing += len(cut[i].Data) - n
				cut[i].Data = cut[i].Data[:n]
			}
		}
		r := cut.analyse(t)
		want := fmt.Sprintf("snap-length: %d of %d packets are cut by the snap length of the capture, %d octets, %d %% of all octets are missing; capture whole packets (tcpdump -s 0)",
			packets, len(cut), n, (100*missing+all-1)/all)
		if got := runNotes(r); got != want {
			t.Errorf("%d octets: got %s\nwant %s", n, got, want)
		}
		if s := r.summary.Shortened; s.Packets != uint64(packets) || s.Missing != uint64(missing) {
			t.Errorf("%d octets: %+v", n, s)
		}
	}
	if got := runNotes(whole.analyse(t)); got != "" {
		t.Errorf("whole: %s", got)
	}
}

// A wrong link type is named, and the conversation read all the same.
func TestWrongLinkTypeIsTold(t *testing.T) {
	bare := conversationOfOne(t)
	wrong := append(tape(nil), bare...)
	for i := range wrong {
		wrong[i].Link = 1
	}
	// The checksums of the script's IP headers are what proves them.
	r := wrong.analyse(t)
	if whole := bare.analyse(t); len(r.handshakes) != 1 || complete(r) != complete(whole) || complete(r) == 0 {
		t.Errorf("%d handshakes, %d of %d messages", len(r.handshakes), complete(r), complete(whole))
	}
	if want := fmt.Sprintf("link-type-wrong: %d packets are raw IP, though the capture says Ethernet: they were read as what they are", len(bare)); runNotes(r) != want {
		t.Errorf("got %s\nwant %s", runNotes(r), want)
	}
}

// Captures made after reports of other tools' users: what is in them is read or named.
func TestFieldIsReadOrNamed(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "field")
	if _, err := os.Stat(dir); err != nil {
		need.Lacking(t, "no captures from the field: "+dir)
	}
	const whole = "1 established, 46 frames, 32 messages, 0 findings"
	for _, c := range []struct{ name, want, told string }{
		{"tzsp37008.pcap", whole, ""},
		{"vntag8926.pcap", whole, ""},
		{"capwap5247_8023.pcap", whole, ""},
		{"greudp4754.pcap", whole, ""},
		{"amsdu.pcap", whole, ""},
		{"link149_pktap_user2.pcap", whole, ""},
		{"link192_ppi_eth.pcap", whole, ""},
		{"rawip_as_ethernet.pcap", whole, "link-type-wrong: 93 packets are raw IP, though the capture says Ethernet: they were read as what they are"},
		{"tenants_same5tuple_vlan.pcap", "2 established, 92 frames, 64 messages, 0 findings", ""},
		{"wireguard.pcap", "0 established, 0 frames, 0 messages, 0 findings",
			"encrypted: 93 packets are WireGuard (UDP 51820), which is encrypted\n93 WireGuard (UDP 51820)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := analyseFile(t, filepath.Join(dir, c.name))
			s := r.summary
			got := fmt.Sprintf("%d established, %d frames, %d messages, %d findings", s.Handshakes[event.Established], s.Frames, s.Messages, len(r.findings))
			if got != c.want || runNotes(r) != c.told {
				t.Errorf("got  %s\nwant %s\ntold %s\nwant %s", got, c.want, runNotes(r), c.told)
			}
		})
	}
}

// With a key log, datagrams that might be of a connection of QUIC whose beginning was not captured are counted as before.
func TestGuessedDatagramsAreCountedAsWhatTheyAre(t *testing.T) {
	other := func() []byte { return udp(0, 5001, x("40"), make([]byte, 40)) }
	packets := packetsOf(linkRaw, other(), other(), other())
	if want, got := runNotes(packets.analyse(t)), runNotes(packets.analyse(t, withKeys(t, "h3-aes128"))); got != want || !strings.Contains(want, "3 UDP 5001") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
