package tls

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	// MaxSecrets is how many secrets a KeyLog keeps. Each takes about 200 octets.
	MaxSecrets = 1 << 18
	// MaxKeyLogLine is the length of the longest line of a key log that is read.
	MaxKeyLogLine = 4096
	// maxBadLines is how many bad lines a Tally names.
	maxBadLines = 16
)

// label is the first word of a line of a key log (RFC 9850 §2.1): what the secret is for.
type label string

const (
	labelMaster    label = "CLIENT_RANDOM" // the master secret of TLS 1.2
	labelPremaster label = "RSA"           // the pre-master secret of TLS 1.2 with RSA key exchange
	labelEarly     label = "CLIENT_EARLY_TRAFFIC_SECRET"
	labelClientHS  label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
	labelServerHS  label = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
	labelClientApp label = "CLIENT_TRAFFIC_SECRET_" // and the number of the key update
	labelServerApp label = "SERVER_TRAFFIC_SECRET_"
)

// maxUpdateLabel is the last key update whose secret is taken from a key log; those behind are derived anyway.
const maxUpdateLabel = 9

// premasterNameSize is how much of an encrypted pre-master secret names it in a key log, octets.
const premasterNameSize = 8

// masterSize is the size of a master secret and of a pre-master secret that was encrypted with RSA (RFC 5246 §8.1), octets.
const masterSize = 48

// secretName is what a secret is looked up by.
type secretName struct {
	label  label
	update uint8    // with labelClientApp and labelServerApp
	random [32]byte // with labelPremaster the beginning of the encrypted secret, and zeros
}

// KeyLog holds the secrets of connections, read from key logs in the SSLKEYLOGFILE format (RFC 9850). It is safe for
// concurrent use. No method gives a secret away, nor does any error.
type KeyLog struct {
	mu      sync.RWMutex
	secrets map[secretName][]byte
	rsa     bool     // some have labelPremaster
	later   []func() // what Later was given and is not loaded yet
	loading sync.Mutex
}

// Tally says what was read from a key log.
type Tally struct {
	Secrets int // lines whose secret was taken, known ones included
	Ignored int // sound lines whose secret opens no record (EXPORTER_SECRET, ECH_SECRET and others)
	Bad     int // lines that are no lines of a key log
	Refused int // lines beyond MaxSecrets
	// BadLines names the first 16 bad lines.
	BadLines []BadLine
}

// BadLine is a line that could not be read. It does not repeat the line, which may hold a secret.
type BadLine struct {
	Number int // from 1
	Err    error
}

func (b BadLine) Error() string { return fmt.Sprintf("key log line %d: %v", b.Number, b.Err) }

func (b BadLine) Unwrap() error { return b.Err }

// What may be wrong with a line of a key log.
var (
	ErrLineTooLong  = errors.New("line is longer than 4096 octets")
	ErrLineWords    = errors.New("line is not three words")
	ErrClientRandom = errors.New("client random is not 32 octets in hexadecimal")
	ErrEncrypted    = errors.New("beginning of the encrypted pre-master secret is not 8 octets in hexadecimal")
	ErrSecret       = errors.New("secret is not hexadecimal of the length that its label asks for")
	ErrLabel        = errors.New("label is not a word of capitals, digits and underscores")
)

// Add reads a whole key log, such as a file or the payload of a pcapng Decryption Secrets Block. The error is r's; what
// was read before it counts.
func (k *KeyLog) Add(r io.Reader) (Tally, error) {
	f := Feed{keys: k}
	_, err := io.Copy(&f, bufio.NewReader(r))
	f.Close()
	return f.tally, err
}

// Later has load called when a secret is looked for, before the first look; load adds to k. Without TLS it is never called.
func (k *KeyLog) Later(load func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.later = append(k.later, load)
}

// load does what Later put off.
func (k *KeyLog) load() {
	k.loading.Lock()
	defer k.loading.Unlock()
	k.mu.RLock()
	list := k.later
	k.mu.RUnlock()
	for _, load := range list {
		load()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.later = k.later[len(list):] // not before: who looks meanwhile has to wait
}

// NewFeed returns a Feed for a key log that grows.
func (k *KeyLog) NewFeed() *Feed { return &Feed{keys: k} }

// Feed takes a key log in pieces. A line counts when its end was written. It is not safe for concurrent use.
type Feed struct {
	keys    *KeyLog
	tally   Tally
	line    []byte // the beginning of a line whose end was not written yet
	number  int
	tooLong bool // the rest of the line is skipped
}

// Write takes the next piece; it never fails.
func (f *Feed) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		piece := p
		if end >= 0 {
			piece, p = p[:end], p[end+1:]
		} else {
			p = nil
		}
		if len(f.line)+len(piece) > MaxKeyLogLine {
			f.line, f.tooLong = f.line[:0], true
		}
		if !f.tooLong {
			f.line = append(f.line, piece...)
		}
		if end >= 0 {
			f.endLine()
		}
	}
	return n, nil
}

// Close takes what was written as the last line, although its end is missing. It never fails.
func (f *Feed) Close() error {
	if len(f.line) > 0 || f.tooLong {
		f.endLine()
	}
	return nil
}

// Tally sums up what was written so far.
func (f *Feed) Tally() Tally { return f.tally }

func (f *Feed) endLine() {
	f.number++
	err := error(ErrLineTooLong)
	if !f.tooLong {
		err = f.take(bytes.TrimSpace(f.line))
	}
	clear(f.line)
	f.line, f.tooLong = f.line[:0], false
	if err != nil {
		if f.tally.Bad++; len(f.tally.BadLines) < maxBadLines {
			f.tally.BadLines = append(f.tally.BadLines, BadLine{Number: f.number, Err: err})
		}
	}
}

func (f *Feed) take(line []byte) error {
	if len(line) == 0 || line[0] == '#' {
		return nil
	}
	name, secret, err := parseKeyLogLine(line)
	switch {
	case err != nil:
		return err
	case secret == nil:
		f.tally.Ignored++
	case f.keys.put(name, secret):
		f.tally.Secrets++
	default:
		f.tally.Refused++
	}
	return nil
}

// parseKeyLogLine reads a line that is not empty. secret is nil if it is of no use here.
func parseKeyLogLine(line []byte) (name secretName, secret []byte, err error) {
	words := bytes.Fields(line)
	for i, c := range words[0] {
		if !(c >= 'A' && c <= 'Z' || c == '_' && i > 0 || c >= '0' && c <= '9' && i > 0) {
			return name, nil, ErrLabel
		}
	}
	if len(words) != 3 {
		return name, nil, ErrLineWords
	}
	name.label = label(words[0])
	for _, numbered := range []label{labelClientApp, labelServerApp} {
		if digit := bytes.TrimPrefix(words[0], []byte(numbered)); len(digit) == 1 && digit[0] >= '0' && digit[0] <= '0'+maxUpdateLabel {
			name.label, name.update = numbered, digit[0]-'0'
		}
	}
	sizes := []int{32, 48} // of the hashes of TLS 1.3
	random, bad := name.random[:], ErrClientRandom
	switch name.label {
	case labelMaster:
		sizes = []int{masterSize}
	case labelPremaster:
		sizes = []int{masterSize}
		random, bad = random[:premasterNameSize], ErrEncrypted
	case labelEarly, labelClientHS, labelServerHS:
	case labelClientApp, labelServerApp:
		if string(words[0]) == string(name.label) {
			return name, nil, ErrLabel
		}
	default:
		return name, nil, nil
	}
	if len(words[1]) != hex.EncodedLen(len(random)) {
		return name, nil, bad
	}
	if _, err := hex.Decode(random, words[1]); err != nil {
		return name, nil, bad
	}
	for _, size := range sizes {
		if len(words[2]) == hex.EncodedLen(size) {
			secret = make([]byte, size)
			if _, err := hex.Decode(secret, words[2]); err == nil {
				return name, secret, nil
			}
		}
	}
	return name, nil, ErrSecret
}

// put keeps a secret, the last one of its name.
func (k *KeyLog) put(name secretName, secret []byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.secrets[name]; !known && len(k.secrets) >= MaxSecrets {
		return false
	}
	if k.secrets == nil {
		k.secrets = make(map[secretName][]byte)
	}
	k.secrets[name] = secret
	k.rsa = k.rsa || name.label == labelPremaster
	return true
}

// mayHavePremasters tells whether any pre-master secret is known, or may be once what Later put off is loaded. k may be nil.
func (k *KeyLog) mayHavePremasters() bool {
	if k == nil {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.rsa || len(k.later) > 0
}

// Len is how many secrets are held.
func (k *KeyLog) Len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.secrets)
}

// secret returns the secret of that name, nil if it is not known. It must not be changed.
func (k *KeyLog) secret(name *secretName) []byte {
	if k == nil {
		return nil
	}
	k.mu.RLock()
	secret, all := k.secrets[*name], len(k.later) == 0
	k.mu.RUnlock()
	if all {
		return secret
	}
	k.load()
	return k.secret(name)
}
