package analyze

import (
	"testing"

	"wshake/analyze/internal/spoken"
)

func TestNameOfWhatWasSpoken(t *testing.T) {
	for _, c := range []struct{ client, server, want string }{
		{"SSH-2.0-OpenSSH_9.6\r\n", "", "SSH"},
		{"", "SSH-2.0-OpenSSH_9.6\r\n", "SSH"},
		{"", "J\x00\x00\x00\x0a8.0.36\x00", "MySQL"},
		{"\x00\x00\x00\x08\x04\xd2\x16\x2f", "", "PostgreSQL"},
		{"\x00\x00\x00\x29\x00\x03\x00\x00user\x00", "", "PostgreSQL"},
		{"*2\r\n$4\r\nAUTH\r\n", "", "Redis"},
		{"", "220 mail.example.test ESMTP\r\n", "SMTP"},
		{"USER anonymous\r\n", "220 ready\r\n", "FTP"},
		{"", "220 ready\r\n", "SMTP or FTP"},
		{"\x10\x0e\x00\x04MQTT\x04\x02", "", "MQTT"},
		{"\x00\x00\x00\x54\xfeSMB@\x00", "", "SMB"},
		{"AMQP\x00\x00\x09\x01", "", "AMQP"},
		{"", "+OK ready\r\n", "POP3"},
		{"", "INFO {\"server_id\"", "NATS"},
		{"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07", "", "DNS"},
		{"\x03\x00\x00\x13\x0e\xe0\x00\x00", "", "RDP"},
		{"\x00\x01\x02\x03", "", spoken.Unknown},
		{"", "", spoken.Unknown},
		{"G", "H", spoken.Unknown},
	} {
		if got := spoken.Name([]byte(c.client), []byte(c.server)); got != c.want {
			t.Errorf("%q, %q: %s, want %s", c.client, c.server, got, c.want)
		}
	}
}

func FuzzNameOfWhatWasSpoken(f *testing.F) {
	f.Add([]byte("*2\r\n$4"), []byte("220-"))
	f.Fuzz(func(t *testing.T, client, server []byte) {
		if spoken.Name(client, server) == "" {
			t.Error("no name")
		}
	})
}
