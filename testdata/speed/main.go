// Speed generates captures and measures wshake on them beside other analyzers.
//
//	go run ./testdata/speed generate [-packets N] [-open N] KIND FILE
//	go run ./testdata/speed compare [-dir DIR] [-runs N] [KIND...]
//
// The kinds are
//
//	chat        many small frames on few connections
//	handshakes  many short connections
//	ws          frames of 0.2 to 20 KB
//	deflate     messages of 4 KB, compressed with context takeover
//	mixed       three WebSockets among ten connections, the others bulk HTTP and TLS
package main

import (
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

var errUsage = errors.New("usage: speed generate [-packets N] [-open N] KIND FILE\n       speed compare [-dir DIR] [-runs N] [KIND...]")

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "generate":
		return generate(args[1:])
	case "compare":
		return compare(args[1:])
	}
	return errUsage
}

func generate(args []string) error {
	fs := flag.NewFlagSet("generate", flag.ExitOnError)
	packets := fs.Int("packets", 0, "how many packets, about (default: the kind's own)")
	open := fs.Int("open", 0, "connections that are open at once (default: the kind's own)")
	fs.Parse(args)
	if fs.NArg() != 2 || *packets < 0 || *open < 0 {
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
	return write(&k, fs.Arg(1))
}

func write(k *traffic.Kind, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := k.Write(f); err != nil {
		return err
	}
	return f.Close()
}
