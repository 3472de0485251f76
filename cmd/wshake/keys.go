package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"wshake/analyze/tls"
	"wshake/capture"
)

// tlsKeyLog is the type of a Decryption Secrets Block that holds a TLS key log (draft-ietf-opsawg-pcapng §4.7).
const tlsKeyLog = 0x544c534b

// maxEmbedded bounds the key logs of a capture that were met and not read yet, octets: about as much as there is room for in a tls.KeyLog.
const maxEmbedded = 64 << 20

// keyring gathers the secrets of TLS connections: from the key logs of the command line, which may grow while packets are captured, and
// from inside the captures.
type keyring struct {
	log      tls.KeyLog
	std      stdio
	growing  []*growingLog
	embedded []capture.Secrets                   // met, not read yet
	size     int                                 // of embedded, octets
	left     bool                                // some of them were too many
	finds    []func(found func(capture.Secrets)) // in files that were opened since

	mu   sync.Mutex
	said []func() // complaints of what was read when secrets were looked for
}

// take keeps the key log of a Decryption Secrets Block until it is asked for.
func (k *keyring) take(b capture.Secrets) {
	if b.Type != tlsKeyLog {
		return
	}
	if k.size += len(b.Data); k.size > maxEmbedded {
		k.size -= len(b.Data)
		k.left = true
		return
	}
	k.embedded = append(k.embedded, b)
}

// foresee keeps a way to find the key logs in a file until it is asked for.
func (k *keyring) foresee(find func(found func(capture.Secrets))) { k.finds = append(k.finds, find) }

// come says whether secrets have come that are not in the log, and how to get them there.
func (k *keyring) come() (learn func()) {
	grown := false
	for _, g := range k.growing {
		grown = g.look() || grown
	}
	if !grown && len(k.embedded)+len(k.finds) == 0 && !k.left {
		return nil
	}
	return k.learn
}

func (k *keyring) learn() {
	for _, b := range k.embedded {
		k.complain(insideCapture, k.read(b), tls.Tally{})
	}
	for _, find := range k.finds {
		k.log.Later(func() {
			find(func(b capture.Secrets) {
				if b.Type == tlsKeyLog {
					tally := k.read(b)
					k.mu.Lock()
					defer k.mu.Unlock()
					k.said = append(k.said, func() { k.complain(insideCapture, tally, tls.Tally{}) })
				}
			})
		})
	}
	k.finds = nil
	if k.left {
		k.std.complain("key logs inside the capture: those beyond %d MiB were left out", maxEmbedded>>20)
	}
	k.embedded, k.size, k.left = nil, 0, false
	for _, g := range k.growing {
		g.take(k)
	}
}

const insideCapture = "key log inside the capture"

func (k *keyring) read(b capture.Secrets) tls.Tally {
	f := k.log.NewFeed()
	f.Write(b.Data)
	f.Close()
	return f.Tally()
}

// complain names the bad lines of a key log that are not in the tally before, by their number and never by their content.
func (k *keyring) complain(name string, now, before tls.Tally) {
	for _, bad := range now.BadLines[len(before.BadLines):] {
		k.std.complain("%s: line %d: %v", name, bad.Number, bad.Err)
	}
	if rest := now.Bad - before.Bad - (len(now.BadLines) - len(before.BadLines)); rest > 0 {
		k.std.complain("%s: %d more bad lines", name, rest)
	}
	if refused := now.Refused - before.Refused; refused > 0 {
		k.std.complain("%s: %d secrets are more than are kept", name, refused)
	}
}

// keyLogs gives the paths of the key logs.
func (o *options) keyLogs() ([]string, error) {
	var paths []string
	for _, path := range o.keylogs {
		if path == "env" {
			if path = os.Getenv("SSLKEYLOGFILE"); path == "" {
				return nil, errors.New("--keylog env: SSLKEYLOGFILE is not set")
			}
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// open reads key logs that are complete.
func (k *keyring) open(paths []string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		tally, err := k.log.Add(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		k.complain(path, tally, tls.Tally{})
	}
	return nil
}

// follow reads key logs that may grow, from their beginning. One that does not exist yet may come; what is no file is read to its
// end first.
func (k *keyring) follow(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.Mode().IsRegular():
			err = k.open([]string{path})
		case errors.Is(err, fs.ErrNotExist):
			k.std.complain("%s does not exist yet: waiting for it", path)
			k.growing = append(k.growing, &growingLog{path: path})
			err = nil
		case err == nil:
			g := &growingLog{path: path}
			g.take(k)
			k.growing = append(k.growing, g)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// close says what is left to say and lets go of the key logs.
func (k *keyring) close() {
	for _, say := range k.said {
		say()
	}
	for _, g := range k.growing {
		g.close()
	}
}
