// Package spoken names what a TCP connection speaks by its first octets, for the connections that are not read: who
// finds no WebSocket in a capture wants to know what was there instead.
package spoken

import (
	"bytes"
	"encoding/binary"
)

// Unknown is what Name gives where the octets tell nothing.
const Unknown = "not recognised"

// What is no protocol of its own, or is read and carries no WebSocket.
const (
	HTTP        = "HTTP/1 without an upgrade"
	HTTPPart    = "HTTP/1 in part, without an upgrade in what was captured"
	HTTP2Part   = "HTTP/2 in part, without WebSocket in what was captured"
	HTTP2       = "HTTP/2 without WebSocket"
	Silent      = "without data"
	Broken      = "not recognised after missing octets"
	CutOff      = "whose data was not captured"
	BeforeBegan = "from before the capture and not recognised"
)

// Looked is how many octets of a side Name looks at, at most.
const Looked = 64

// Name is the name of what a connection speaks whose sides begin with client and server; either may be empty. It is
// Unknown where nothing fits. It is for people: a name may be wrong, and nothing is decided by it.
func Name(client, server []byte) string {
	client, server = client[:min(len(client), Looked)], server[:min(len(server), Looked)]
	for _, p := range []([]byte){client, server} {
		for i := range eitherSide {
			if n := &eitherSide[i]; n.fits(p) {
				return n.name
			}
		}
	}
	for i := range bySide {
		if n := &bySide[i]; n.of == nil && bytes.HasPrefix(server, []byte(n.prefix)) || n.of != nil && n.of(client, server) {
			return n.name
		}
	}
	return Unknown
}

// sign is what a protocol begins with, at an offset in octets.
type sign struct {
	name   string
	offset int
	prefix string
}

func (s *sign) fits(p []byte) bool {
	return len(p) >= s.offset && bytes.HasPrefix(p[s.offset:], []byte(s.prefix))
}

// eitherSide is signs that both sides may begin with.
var eitherSide = []sign{
	{"SSH", 0, "SSH-"},
	{"AMQP", 0, "AMQP"},
	{"BitTorrent", 0, "\x13BitTorrent protocol"},
	{"SMB", 4, "\xffSMB"}, {"SMB", 4, "\xfeSMB"}, {"SMB", 4, "\xfdSMB"},
	{"VNC", 0, "RFB 00"},
	{"XMPP", 0, "<?xml version='1.0'?><stream:stream"}, {"XMPP", 0, "<stream:stream"},
	{"BGP", 0, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
	{"MQTT", 2, "\x00\x04MQTT"}, {"MQTT", 3, "\x00\x04MQTT"}, {"MQTT", 2, "\x00\x06MQIsdp"},
	{"SIP", 0, "SIP/2.0 "}, {"SIP", 0, "INVITE sip"}, {"SIP", 0, "REGISTER sip"}, {"SIP", 0, "OPTIONS sip"},
	{"RTSP", 0, "RTSP/1.0 "}, {"RTSP", 0, "OPTIONS rtsp://"}, {"RTSP", 0, "DESCRIBE rtsp://"},
	{"ZeroMQ", 0, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"},
	{"Telnet", 0, "\xff\xfd"}, {"Telnet", 0, "\xff\xfb"},
	{"MongoDB", 12, "\xdd\x07\x00\x00"}, {"MongoDB", 12, "\xd4\x07\x00\x00"},
	{"git", 4, "git-upload-pack "}, {"git", 4, "git-receive-pack "},
	{"IRC", 0, "NICK "}, {"IRC", 0, "CAP LS"},
	{"STOMP", 0, "CONNECT\n"}, {"STOMP", 0, "STOMP\n"},
	{"POP3", 0, "+OK "}, {"IMAP", 0, "* OK "},
	{"NATS", 0, "INFO {"},
}

// bySide is the rest: a prefix of the server's octets, or a function of both.
var bySide = []struct {
	name, prefix string
	of           func(client, server []byte) bool
}{
	{"SMTP", "", func(client, server []byte) bool {
		return bytes.HasPrefix(client, []byte("EHLO ")) || bytes.HasPrefix(client, []byte("HELO ")) ||
			bytes.HasPrefix(server, []byte("220 ")) && bytes.Contains(server, []byte("SMTP"))
	}},
	{"FTP", "", func(client, server []byte) bool {
		return bytes.HasPrefix(client, []byte("USER ")) && !bytes.HasPrefix(server, []byte("+OK"))
	}},
	{"SMTP or FTP", "220 ", nil}, {"SMTP or FTP", "220-", nil},
	{"SOCKS5", "", func(client, server []byte) bool {
		return socks5(client) && (len(server) == 0 || server[0] == 5)
	}},
	{"SOCKS4", "", func(client, server []byte) bool {
		return len(client) > 8 && client[0] == 4 && (client[1] == 1 || client[1] == 2) && (len(server) == 0 || server[0] == 0)
	}},
	{"MySQL", "", func(_, server []byte) bool {
		return len(server) > 6 && server[2] == 0 && server[3] == 0 && server[4] == 10 && server[5] >= '0' && server[5] <= '9'
	}},
	{"PostgreSQL", "", func(client, _ []byte) bool {
		if len(client) < 8 {
			return false
		}
		n, code := binary.BigEndian.Uint32(client), binary.BigEndian.Uint32(client[4:])
		return n >= 8 && n < 10_000 && (code == 196608 || code == 80877103 || code == 80877104)
	}},
	{"Redis", "", func(client, _ []byte) bool {
		i := bytes.Index(client, []byte("\r\n$"))
		return len(client) > 2 && client[0] == '*' && i > 1 && i < 6
	}},
	{"LDAP", "", func(client, _ []byte) bool {
		return len(client) > 7 && client[0] == 0x30 && (bytes.HasPrefix(client[2:], []byte("\x02\x01\x01\x60")) ||
			bytes.HasPrefix(client[2:], []byte("\x02\x01\x01\x77")) || bytes.HasPrefix(client[2:], []byte("\x02\x01\x01\x63")))
	}},
	{"RDP", "", func(client, _ []byte) bool {
		return len(client) > 6 && client[0] == 3 && client[1] == 0 && client[5] == 0xe0
	}},
	{"RTMP", "", func(client, _ []byte) bool {
		return len(client) > 9 && client[0] == 3 && bytes.Equal(client[5:9], make([]byte, 4))
	}},
	{"DNS", "", func(client, _ []byte) bool {
		return len(client) > 14 && client[0] == 0 && client[4]&0x80 == 0 && bytes.Equal(client[6:8], []byte{0, 1}) &&
			bytes.Equal(client[8:10], []byte{0, 0})
	}},
}

// socks5 reports whether a client begins with a version and a list of methods (RFC 1928 §3).
func socks5(client []byte) bool {
	return len(client) > 2 && client[0] == 5 && client[1] >= 1 && int(client[1])+2 <= len(client) && client[1] <= 10
}
