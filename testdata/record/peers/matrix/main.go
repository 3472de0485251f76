// Matrix has echo servers of three WebSocket modules, gorilla on port 8106, coder on 8107, gobwas on 8108 (matrix
// server), and clients of them, one conversation after the other (matrix client ROUNDS PORT...).
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	coder "github.com/coder/websocket"
	gobwas "github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
)

var message = []byte(strings.Repeat("Grüße an alle ", 8))

func serveGorilla(w http.ResponseWriter, r *http.Request) {
	upgrader := gorilla.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}

func serveCoder(w http.ResponseWriter, r *http.Request) {
	c, err := coder.Accept(w, r, &coder.AcceptOptions{CompressionMode: coder.CompressionContextTakeover, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, p, err := c.Read(r.Context())
		if err != nil || c.Write(r.Context(), kind, p) != nil {
			return
		}
	}
}

func serveGobwas(w http.ResponseWriter, r *http.Request) {
	c, _, _, err := gobwas.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		p, op, err := wsutil.ReadClientData(c)
		if err != nil || wsutil.WriteServerMessage(c, op, p) != nil {
			return
		}
	}
}

func serve() {
	for address, handler := range map[string]http.HandlerFunc{
		"127.0.0.1:8106": serveGorilla, "127.0.0.1:8107": serveCoder, "127.0.0.1:8108": serveGobwas,
	} {
		go func() { log.Fatal(http.ListenAndServe(address, handler)) }()
	}
	select {}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func talkGorilla(url string) {
	dialer := gorilla.Dialer{EnableCompression: true}
	c, _, err := dialer.Dial(url, nil)
	if err != nil { // aiohttp answers without server_no_context_takeover, which was offered
		log.Print(url, " without compression: ", err)
		dialer.EnableCompression = false
		c, _, err = dialer.Dial(url, nil)
	}
	must(err)
	must(c.WriteMessage(gorilla.TextMessage, message))
	_, _, err = c.ReadMessage()
	must(err)
	must(c.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)))
	for err == nil {
		_, _, err = c.ReadMessage()
	}
	c.Close()
}

func talkCoder(url string) {
	ctx := context.Background()
	c, _, err := coder.Dial(ctx, url, &coder.DialOptions{CompressionMode: coder.CompressionContextTakeover})
	must(err)
	must(c.Write(ctx, coder.MessageText, message))
	_, _, err = c.Read(ctx)
	must(err)
	c.Close(coder.StatusNormalClosure, "")
}

func talkGobwas(url string) {
	c, _, _, err := gobwas.Dial(context.Background(), url)
	must(err)
	must(wsutil.WriteClientText(c, message))
	_, _, err = wsutil.ReadServerData(c)
	must(err)
	must(wsutil.WriteClientMessage(c, gobwas.OpClose, gobwas.NewCloseFrameBody(1000, "")))
	for err == nil { // wsutil would answer the peer's Close, which is the answer to ours, by another one
		var f gobwas.Frame
		if f, err = gobwas.ReadFrame(c); f.Header.OpCode == gobwas.OpClose {
			break
		}
	}
	c.Close()
}

func main() {
	if os.Args[1] == "server" {
		serve()
	}
	rounds, err := strconv.Atoi(os.Args[2])
	must(err)
	for range rounds {
		for _, port := range os.Args[3:] {
			for _, talk := range []func(string){talkGorilla, talkCoder, talkGobwas} {
				talk("ws://127.0.0.1:" + port + "/echo")
			}
		}
	}
}
