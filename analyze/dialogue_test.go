package analyze

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
	"wshake/reassembly"
)

// payloads gives the TCP payloads of a script by side of connection 1, and its packets.
func payloads(t *testing.T, text string) (said [2]string, packets []dialogue.Packet) {
	t.Helper()
	s, err := dialogue.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	packets = s.Packets(1)
	for _, p := range packets {
		side := 0
		if binary.BigEndian.Uint16(p.Data[20:]) == 80 {
			side = 1
		}
		said[side] += string(p.Data[40:])
	}
	return said, packets
}

func TestDialogueForms(t *testing.T) {
	for name, c := range map[string]struct{ script, client string }{
		"head":   {"-- client --\nGET / HTTP/1.1\nHost: a\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
		"lf":     {"-- client lf --\nGET / HTTP/1.1\n", "GET / HTTP/1.1\n\n"},
		"lines":  {"-- client lines --\nHost: a\n", "Host: a\r\n"},
		"text":   {"-- client text --\nno line end\n", "no line end"},
		"hex":    {"-- client hex --\n61 62\n63\n", "abc"},
		"joined": {"-- client text --\na\n-- client text joined --\nb\n", "ab"},
		"again":  {"-- client text --\nab\n-- client text again --\nabc\n", "ababc"},
		"lost":   {"-- client text --\na\n-- client text lost --\nb\n-- client text --\nc\n", "ac"},
		"late":   {"-- client text late --\na\n-- client text --\nb\n-- client text --\nc\n", "bac"},
		"unseen": {"captured: server\n-- client text --\na\n", ""},
		"accept": {"-- client lines --\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n-- client text --\n{accept}\n",
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\ns3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		"masked":   {"-- client frames --\ntext key=00000001 \"abcd\"\n", "\x81\x84\x00\x00\x00\x01abce"},
		"fragment": {"-- client frames --\ntext more unmasked \"a\"\ncontinuation unmasked 62\n", "\x01\x01a\x80\x01b"},
		"close":    {"-- client frames --\nclose unmasked 1000 \"x\"\n", "\x88\x03\x03\xe8x"},
		"lengths": {"-- client frames --\ntext unmasked form=64 \"a\" x 2\nop3 unmasked form=16 length=5\n",
			"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02aa\x83\x7e\x00\x05"},
		"raw": {"-- client frames --\nraw ff 00\n", "\xff\x00"},
	} {
		if said, _ := payloads(t, c.script); said[0] != c.client {
			t.Errorf("%s: %q, want %q", name, said[0], c.client)
		}
	}
}

func TestDialogueMistakes(t *testing.T) {
	for name, script := range map[string]string{
		"word":   "-- client shouts --\n",
		"hex":    "-- client hex --\nzz\n",
		"opcode": "-- client frames --\ntxet \"a\"\n",
		"quote":  "-- client frames --\ntext \"a\n",
		"pause":  "-- pause soon --\n",
		"ends":   "conn 1: here > there\n-- client --\n",
	} {
		if _, err := dialogue.Parse([]byte(script)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Sequence numbers join up, everything is acknowledged, checksums are right, and time passes.
func TestDialoguePackets(t *testing.T) {
	const script = "conn 1: 10.0.0.1:5000 > 10.0.0.2:80\nsight 1: 192.0.2.1:6000 > 10.0.0.2:80\n" +
		"-- client text --\nhello\n-- pause 2s --\n-- server text --\nhi\n-- client text early --\nmore\n-- client " +
		"fin --\n-- server rst --\n"
	_, packets := payloads(t, script)
	var next [2]uint32
	var last int64
	early := false
	for i := 0; i < len(packets); i += 2 {
		p, again := packets[i], packets[i+1]
		tcp := p.Data[20:]
		if !bytes.Equal(tcp[4:16], again.Data[24:36]) || p.Time != again.Time ||
			again.Data[12] != 192 && again.Data[16] != 192 {
			t.Errorf("packet %d is not seen again behind the translation: %x, %x", i, p.Data, again.Data)
		}
		side := 0
		if binary.BigEndian.Uint16(tcp) == 80 {
			side = 1
		}
		seq, flags := binary.BigEndian.Uint32(tcp[4:]), tcp[13]
		if next[side] != 0 && seq != next[side] {
			t.Errorf("packet %d has sequence number %d, want %d", i, seq, next[side])
		}
		next[side] = seq + uint32(len(tcp)-20)
		if flags&(reassembly.SYN|reassembly.FIN) != 0 {
			next[side]++
		}
		if string(tcp[20:]) == "more" {
			early = binary.BigEndian.Uint32(tcp[8:]) == next[1]-uint32(len("hi"))
		}
		if sum := sumOf(0, p.Data[:20]); sum != 0 {
			t.Errorf("packet %d has a wrong IP checksum, off by %#x", i, sum)
		}
		if p.Time <= last {
			t.Errorf("packet %d at %d is not later than %d", i, p.Time, last)
		}
		last = p.Time
	}
	if !early {
		t.Error("what is sent early acknowledges what it crosses")
	}
	if took := last - packets[0].Time; took < 2e9 || took > 21e8 {
		t.Errorf("the dialogue takes %d ns", took)
	}
}

func TestDialogueKeepsTheHistoryOfDeflate(t *testing.T) {
	const again = "text unmasked deflate \"the same words\"\n"
	said, _ := payloads(t, "-- client frames --\n"+again+again+"text unmasked deflate fresh \"the same words\"\n")
	frames := strings.SplitN(said[0], "\xc1", -1)
	if len(frames) != 4 || len(frames[2]) >= len(frames[1]) || frames[3] != frames[1] {
		t.Errorf("compressed frames: %s", hex.EncodeToString([]byte(said[0])))
	}
}

func TestDialogueAsPcap(t *testing.T) {
	b := dialogue.Pcap([]dialogue.Packet{{Time: 1_500_000_007, Data: []byte{1, 2, 3}}})
	want := "4d3cb2a10200040000000000000000000000040065000000010000000765cd1d0300000003000000010203"
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
