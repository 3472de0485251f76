// Gorilla has github.com/gorilla/websocket on both ends: gorilla plain|deflate|tls.
package main

import (
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/websocket"

	"wshake.test/peers/talk"
)

type end struct{ *websocket.Conn }

func (e end) Send(m talk.Message) error {
	kind := websocket.TextMessage
	if m.Binary {
		kind = websocket.BinaryMessage
	}
	return e.WriteMessage(kind, m.Payload)
}

// Receive answers a ping or a close on the way; after a close nothing is left to do but to close the TCP connection.
func (e end) Receive() error {
	_, _, err := e.ReadMessage()
	if err != nil {
		e.Conn.Close()
	}
	return err
}

func (e end) Close() error {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "bye")
	if err := e.WriteMessage(websocket.CloseMessage, bye); err != nil {
		return err
	}
	e.Receive()
	return nil
}

// secure puts TLS below both ends, with the certificate named in the environment; the client logs the secrets.
func secure(listener net.Listener, dialer *websocket.Dialer) (net.Listener, error) {
	certificate, err := tls.LoadX509KeyPair(os.Getenv("certificate")+".pem", os.Getenv("certificate")+".key")
	if err != nil {
		return nil, err
	}
	keys, err := os.Create(os.Getenv("keys"))
	if err != nil {
		return nil, err
	}
	dialer.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, KeyLogWriter: keys}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}), nil
}

func main() {
	compress := os.Args[1] == "deflate"
	servers := make(chan end, 1)
	listener, err := talk.Listen()
	if err != nil {
		log.Fatal(err)
	}
	dialer, scheme := websocket.Dialer{EnableCompression: compress}, "ws"
	if os.Args[1] == "tls" {
		scheme = "wss"
		if listener, err = secure(listener, &dialer); err != nil {
			log.Fatal(err)
		}
	}
	upgrader := websocket.Upgrader{EnableCompression: compress}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			log.Fatal(err)
		}
		servers <- end{c}
	}))
	client, _, err := dialer.Dial(scheme+"://"+talk.Address+"/journal", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := client.WriteControl(websocket.PingMessage, []byte("ping"), time.Time{}); err != nil {
		log.Fatal(err)
	}
	server := <-servers
	if err := talk.Converse(client.LocalAddr().String(), end{client}, server, talk.FromClient, talk.FromServer); err != nil {
		log.Fatal(err)
	}
}
