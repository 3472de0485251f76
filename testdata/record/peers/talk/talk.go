// Package talk lets two ends of a WebSocket connection converse and keeps account of what they sent.
package talk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
)

// Address is where every server of the recordings listens.
const Address = "127.0.0.1:8080"

// Listen listens on [Address].
func Listen() (net.Listener, error) { return net.Listen("tcp", Address) }

// End is one end of an open connection.
type End interface {
	Send(Message) error
	// Receive returns after one data message, or with an error when the connection is closed.
	Receive() error
	// Close sends a Close frame with code 1000, waits for the answer and closes the TCP connection.
	Close() error
}

// Message is a data message. Its payload is what the application sends, before compression.
type Message struct {
	Binary  bool
	Payload []byte
}

// MarshalJSON writes the message as truth files name it.
func (m Message) MarshalJSON() ([]byte, error) {
	opcode := map[bool]string{false: "text", true: "binary"}[m.Binary]
	return json.Marshal(struct {
		Opcode string `json:"opcode"`
		Length int    `json:"length"`
		SHA256 string `json:"sha256"`
	}{opcode, len(m.Payload), fmt.Sprintf("%x", sha256.Sum256(m.Payload))})
}

// Converse has both ends send their messages in turn, one at a time, closes from the client, and appends the account
// of the connection from client, an address with port, to go.ndjson in the directory $truth.
func Converse(address string, client, server End, fromClient, fromServer []Message) error {
	for i := range max(len(fromClient), len(fromServer)) {
		if i < len(fromClient) {
			if err := say(client, server, fromClient[i]); err != nil {
				return err
			}
		}
		if i < len(fromServer) {
			if err := say(server, client, fromServer[i]); err != nil {
				return err
			}
		}
	}
	closed := make(chan error, 1)
	go func() { closed <- server.Receive() }()
	if err := client.Close(); err != nil {
		return err
	}
	if err := <-closed; err == nil {
		return fmt.Errorf("a message instead of the close")
	}
	return write(address, fromClient, fromServer)
}

func say(from, to End, m Message) error {
	heard := make(chan error, 1)
	go func() { heard <- to.Receive() }()
	if err := from.Send(m); err != nil {
		return err
	}
	return <-heard
}

func write(address string, client, server []Message) error {
	port, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	line, err := json.Marshal(map[string]any{"client_port": port.Port(), "client": client, "server": server})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(os.Getenv("truth"), "go.ndjson"), append(line, '\n'), 0o644)
}
