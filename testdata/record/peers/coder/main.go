// Coder has github.com/coder/websocket on both ends: coder plain|takeover|no-takeover.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/coder/websocket"

	"wshake.test/peers/talk"
)

var modes = map[string]websocket.CompressionMode{
	"plain":       websocket.CompressionDisabled,
	"takeover":    websocket.CompressionContextTakeover,
	"no-takeover": websocket.CompressionNoContextTakeover,
}

type end struct{ *websocket.Conn }

func (e end) Send(m talk.Message) error {
	kind := websocket.MessageText
	if m.Binary {
		kind = websocket.MessageBinary
	}
	return e.Write(context.Background(), kind, m.Payload)
}

func (e end) Receive() error {
	_, _, err := e.Read(context.Background())
	return err
}

func (e end) Close() error { return e.Conn.Close(websocket.StatusNormalClosure, "bye") }

func main() {
	mode := modes[os.Args[1]]
	type accepted struct {
		end
		address string
	}
	servers := make(chan accepted, 1)
	listener, err := talk.Listen()
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: mode, Subprotocols: []string{"journal"}})
		if err != nil {
			log.Fatal(err)
		}
		c.SetReadLimit(-1)
		servers <- accepted{end{c}, r.RemoteAddr}
	}))
	client, _, err := websocket.Dial(context.Background(), "ws://"+talk.Address+"/journal",
		&websocket.DialOptions{CompressionMode: mode, Subprotocols: []string{"journal"}})
	if err != nil {
		log.Fatal(err)
	}
	client.SetReadLimit(-1)
	server := <-servers
	if err := talk.Converse(server.address, end{client}, server, talk.FromClient, talk.FromServer); err != nil {
		log.Fatal(err)
	}
}
