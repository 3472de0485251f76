package main

import (
	"os"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"

	"wshake/analyze/report"
)

// keyboard reads keys while a screen is shown. A nil keyboard has none.
type keyboard struct {
	file  *os.File
	saved *term.State // of the terminal, nil while it is as it was
	keys  chan string
}

// newKeyboard returns nil where in is no terminal.
func newKeyboard(std stdio) *keyboard {
	f, ok := std.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	k := &keyboard{file: f, keys: make(chan string, 16)}
	k.take()
	go k.read()
	return k
}

// take makes the terminal give every key at once and echo none.
func (k *keyboard) take() {
	if k != nil && k.saved == nil {
		k.saved, _ = term.MakeRaw(int(k.file.Fd()))
	}
}

// give makes the terminal as it was.
func (k *keyboard) give() {
	if k != nil && k.saved != nil {
		term.Restore(int(k.file.Fd()), k.saved)
		k.saved = nil
	}
}

// read tells keys until nothing can be read any more.
func (k *keyboard) read() {
	piece := make([]byte, 64)
	for {
		n, err := k.file.Read(piece)
		if err != nil {
			return
		}
		for _, key := range splitKeys(string(piece[:n])) {
			k.keys <- key
		}
	}
}

// splitKeys takes what was read in one piece apart: a key may be several octets (ECMA-48), and several keys may come at
// once.
func splitKeys(piece string) []string {
	var keys []string
	for piece != "" {
		n := 1
		switch {
		case strings.HasPrefix(piece, "\x1bO") && len(piece) > 2:
			n = 3
		case strings.HasPrefix(piece, "\x1b["):
			n = 2
			for n < len(piece) && (piece[n] < 0x40 || piece[n] > 0x7e) {
				n++
			}
			n = min(n+1, len(piece))
		default:
			_, n = utf8.DecodeRuneInString(piece)
		}
		keys = append(keys, piece[:n])
		piece = piece[n:]
	}
	return keys
}

// told are the keys, a channel on which nothing comes where there is no keyboard.
func (k *keyboard) told() <-chan string {
	if k == nil {
		return nil
	}
	return k.keys
}

// Keys as terminals send them.
const (
	interruptKey, suspendKey, quitKey = "\x03", "\x1a", "\x1c"
	escapeKey                         = "\x1b"
	upKey, downKey                    = "\x1b[A", "\x1b[B"
	pageUpKey, pageDownKey            = "\x1b[5~", "\x1b[6~"
)

// press changes what is shown, or sends this process the signal that the key stands for: the terminal does not while it
// gives every key at once.
func press(c *report.Controls, key string) (signal os.Signal) {
	switch key {
	case interruptKey:
		return os.Interrupt
	case quitKey:
		return syscall.SIGQUIT
	case suspendKey:
		return suspendSignal
	}
	if c.Typing {
		typeFilter(c, key)
		return nil
	}
	switch key {
	case "q":
		return os.Interrupt
	case "p", " ":
		c.Paused = !c.Paused
	case "/":
		c.Typing, c.Filter = true, ""
	case "?", "h":
		c.Help = !c.Help
	case escapeKey:
		*c = report.Controls{Paused: c.Paused}
	case upKey, "k", "\x1bOA":
		c.Scroll = max(0, c.Scroll-1)
	case downKey, "j", "\x1bOB":
		c.Scroll++
	case pageUpKey:
		c.Scroll = max(0, c.Scroll-10)
	case pageDownKey:
		c.Scroll += 10
	}
	return nil
}

// filterMost is how long a filter may be, octets.
const filterMost = 100

// typeFilter takes keys for the filter.
func typeFilter(c *report.Controls, key string) {
	switch key {
	case "\r", "\n":
		c.Typing = false
	case escapeKey:
		c.Typing, c.Filter = false, ""
	case "\x7f", "\b":
		_, size := utf8.DecodeLastRuneInString(c.Filter)
		c.Filter = c.Filter[:len(c.Filter)-size]
	default:
		if key[0] >= ' ' && len(c.Filter)+len(key) <= filterMost {
			c.Filter += key
		}
	}
	c.Scroll = 0
}

// raise sends this process a signal.
func raise(s os.Signal) {
	if self, err := os.FindProcess(os.Getpid()); err == nil && s != nil {
		self.Signal(s)
	}
}
