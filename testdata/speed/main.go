// Speed generates captures and measures wshake on them beside other analyzers.
//
//	go run ./testdata/speed generate [-packets N] [-open N] [-frames N] KIND FILE
//	go run ./testdata/speed compare [-dir DIR] [-runs N] [-json FILE] [KIND...]
//	go run ./testdata/speed count [-update]
//	go run ./testdata/speed replay [-dir DIR] [-seconds N] [-from N] [-most N] [-packets N]
//	go run ./testdata/speed soak [-dir DIR] [-minutes N] [-rate N] [-open N]
//
// Compare prints a table beside the goals. Count needs valgrind: it counts instructions per packet and fails when there
// are a tenth more than in instructions.json.
//
// Replay and soak need Linux and root, replay also tcpreplay; they work in network namespaces of their own. Replay
// sends chat to wshake, tshark and tcpdump, each listening by itself, at rising rates, and prints the highest at which
// each loses nothing. Soak lets connections come and go for long while wshake listens, prints what memory, threads and
// descriptors it has, and at the end holds the handshakes that it reported to those that were made.
//
// The kinds are
//
//	chat        many small frames on few connections
//	handshakes  many short connections
//	ws          frames of 0.2 to 20 KB
//	deflate     messages of 4 KB, compressed with context takeover
//	http        requests and long answers
//	tls         the same sizes, encrypted
//	wss         the frames of ws inside of TLS, whose secrets are in FILE.keys
//	h2          requests and long answers on streams of HTTP/2
//	h2tls       the same inside of TLS, likewise
//	tlsbulk     one long answer of HTTP/1.1 inside of TLS, likewise
//	quic        QUIC whose secrets nobody has
//	wrongaccepts  as handshakes, each with a wrong Accept
//	others      ordinary traffic without WebSocket: HTTP, TLS, SSH, DNS and datagrams of unknown protocols
//	mixed       three WebSockets among ten connections, the others bulk HTTP and TLS
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"

	"wshake/testdata/speed/traffic"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: speed generate [-packets N] [-open N] [-frames N] KIND FILE\n       speed compare [-dir DIR] [-runs N] [-json FILE] [KIND...]\n" +
	"       speed count [-update]\n" +
	"       speed replay [-dir DIR] [-seconds N] [-from N] [-most N] [-packets N]\n       speed soak [-dir DIR] [-minutes N] [-rate N] [-open N]")

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "generate":
		return generate(args[1:])
	case "compare":
		return compare(args[1:])
	case "count":
		return count(args[1:])
	case "replay":
		return replay(args[1:])
	case "soak":
		return soak(args[1:])
	}
	return errUsage
}

func generate(args []string) error {
	fs := flag.NewFlagSet("generate", flag.ExitOnError)
	packets := fs.Int("packets", 0, "how many packets, about (default: the kind's own)")
	open := fs.Int("open", 0, "connections that are open at once (default: the kind's own)")
	frames := fs.Int("frames", 0, "data frames of a WebSocket connection, not for deflate (default: the kind's own)")
	fs.Parse(args)
	if fs.NArg() != 2 || *packets < 0 || *open < 0 || *frames < 0 {
		return errUsage
	}
	k, err := traffic.Named(fs.Arg(0))
	if err != nil {
		return err
	}
	if *packets > 0 {
		k.Packets = *packets
	}
	if *open > 0 {
		k.Open = *open
	}
	if *frames > 0 {
		k.Frames(*frames)
	}
	return write(&k, fs.Arg(1))
}

func write(k *traffic.Kind, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var keyLog bytes.Buffer
	if err := k.Write(f, &keyLog); err != nil {
		return err
	}
	if keyLog.Len() > 0 {
		if err := os.WriteFile(path+".keys", keyLog.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return f.Close()
}
