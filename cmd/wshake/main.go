// Command wshake analyses WebSocket handshakes, and the conversations behind them, in packet captures.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
