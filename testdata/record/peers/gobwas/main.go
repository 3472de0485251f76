// Gobwas has github.com/gobwas/ws on both ends: gobwas fragments|deflate. It leaves framing to its user; so a message
// is either cut into fragments or compressed as one frame.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"os"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
	"github.com/gobwas/ws/wsutil"

	"wshake.test/peers/talk"
)

// fragment is the greatest length of a fragment.
const fragment = 1000

type end struct {
	net.Conn
	state ws.State
	write func(end, ws.OpCode, []byte) error
}

func (e end) Send(m talk.Message) error {
	opcode := ws.OpText
	if m.Binary {
		opcode = ws.OpBinary
	}
	return e.write(e, opcode, m.Payload)
}

func inFragments(e end, opcode ws.OpCode, payload []byte) error {
	w := wsutil.NewWriterSize(e, e.state, opcode, fragment)
	if _, err := w.Write(payload); err != nil {
		return err
	}
	return w.Flush()
}

func compressed(e end, opcode ws.OpCode, payload []byte) error {
	f, err := wsflate.CompressFrame(ws.NewFrame(opcode, true, payload))
	if err != nil {
		return err
	}
	return e.frame(f)
}

func (e end) frame(f ws.Frame) error {
	if e.state.ClientSide() {
		f = ws.MaskFrameInPlace(f)
	}
	return ws.WriteFrame(e, f)
}

// Receive answers a ping or a close on the way.
func (e end) Receive() error {
	for {
		h, err := ws.ReadHeader(e)
		if err != nil {
			return err
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(e, payload); err != nil {
			return err
		}
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		switch h.OpCode {
		case ws.OpPing:
			if err := e.frame(ws.NewPongFrame(payload)); err != nil {
				return err
			}
		case ws.OpPong:
		case ws.OpClose:
			if e.state.ServerSide() {
				e.frame(ws.NewCloseFrame(payload))
			}
			return errors.Join(io.EOF, e.Conn.Close())
		default:
			if h.Fin {
				return nil
			}
		}
	}
}

func (e end) Close() error {
	if err := e.frame(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye"))); err != nil {
		return err
	}
	e.Receive()
	return nil
}

func main() {
	write := inFragments
	var dialer ws.Dialer
	var upgrader ws.Upgrader
	if os.Args[1] == "deflate" {
		write = compressed
		dialer.Extensions = []httphead.Option{wsflate.DefaultParameters.Option()}
		extension := wsflate.Extension{Parameters: wsflate.DefaultParameters}
		upgrader.Negotiate = extension.Negotiate
	}
	listener, err := talk.Listen()
	if err != nil {
		log.Fatal(err)
	}
	servers := make(chan end, 1)
	go func() {
		c, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		if _, err := upgrader.Upgrade(c); err != nil {
			log.Fatal(err)
		}
		servers <- end{c, ws.StateServerSide, write}
	}()
	c, _, _, err := dialer.Dial(context.Background(), "ws://"+talk.Address+"/journal")
	if err != nil {
		log.Fatal(err)
	}
	client := end{c, ws.StateClientSide, write}
	if err := client.frame(ws.NewPingFrame([]byte("ping"))); err != nil {
		log.Fatal(err)
	}
	if err := talk.Converse(c.LocalAddr().String(), client, <-servers, talk.FromClient, talk.FromServer); err != nil {
		log.Fatal(err)
	}
}
