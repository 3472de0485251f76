package keylog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// MaxLine is the length of the longest line of a key log that is read.
const MaxLine = 4096

// Label is the first word of a line of a key log (RFC 9850 §2.1): what the secret is for.
type Label string

const (
	Master          Label = "CLIENT_RANDOM" // the master secret of TLS 1.2
	Premaster       Label = "RSA"           // the pre-master secret of TLS 1.2 with RSA key exchange
	EarlyTraffic    Label = "CLIENT_EARLY_TRAFFIC_SECRET"
	ClientHandshake Label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
	ServerHandshake Label = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
	ClientTraffic   Label = "CLIENT_TRAFFIC_SECRET_" // and the number of the key update
	ServerTraffic   Label = "SERVER_TRAFFIC_SECRET_"
)

// MaxUpdate is the last key update whose secret is taken from a key log; those behind are derived anyway.
const MaxUpdate = 9

// PremasterNameSize is how much of an encrypted pre-master secret names it in a key log, octets.
const PremasterNameSize = 8

// MasterSize is the size of a master secret and of a pre-master secret that was encrypted with RSA (RFC 5246 §8.1),
// octets.
const MasterSize = 48

// Name is what a secret is looked up by.
type Name struct {
	Label  Label
	Update uint8    // number of the key update, with ClientTraffic and ServerTraffic
	Random [32]byte // the client random; with Premaster the beginning of the encrypted secret, then zeros
}

// What may be wrong with a line of a key log.
var (
	ErrLineTooLong  = errors.New("line is longer than 4096 octets")
	ErrLineWords    = errors.New("line is not three words")
	ErrClientRandom = errors.New("client random is not 32 octets in hexadecimal")
	ErrEncrypted    = errors.New("beginning of the encrypted pre-master secret is not 8 octets in hexadecimal")
	ErrSecret       = errors.New("secret is not hexadecimal of the length that its label asks for")
	ErrLabel        = errors.New("label is not a word of capitals, digits and underscores")
)

// labels are those of secrets that are kept, without the numbered ones.
var labels = [...]Label{Master, Premaster, EarlyTraffic, ClientHandshake, ServerHandshake}

// parseLine reads a line that is not empty. s is nil if its secret is of no use here.
func parseLine(line []byte) (random [32]byte, s *secret, err error) {
	var space [4][]byte
	words := space[:0]
	for word := range bytes.FieldsSeq(line) {
		if words = append(words, word); len(words) == cap(words) {
			break // too many
		}
	}
	for i, c := range words[0] {
		if !(c >= 'A' && c <= 'Z' || c == '_' && i > 0 || c >= '0' && c <= '9' && i > 0) {
			return random, nil, ErrLabel
		}
	}
	if len(words) != 3 {
		return random, nil, ErrLineWords
	}
	label, update, err := readLabel(words[0])
	if label == "" {
		return random, nil, err
	}
	named, bad := random[:], ErrClientRandom
	if label == Premaster {
		named, bad = random[:PremasterNameSize], ErrEncrypted
	}
	if len(words[1]) != hex.EncodedLen(len(named)) {
		return random, nil, bad
	}
	if _, err := hex.Decode(named, words[1]); err != nil {
		return random, nil, bad
	}
	// The secrets of TLS 1.3 are as long as its hashes.
	size := hex.DecodedLen(len(words[2]))
	if len(words[2])%2 != 0 || size != MasterSize && (size != sha256.Size || label == Master || label == Premaster) {
		return random, nil, ErrSecret
	}
	s = &secret{label: label, update: update, size: uint8(size)}
	if _, err := hex.Decode(s.octets[:], words[2]); err != nil {
		return random, nil, ErrSecret
	}
	return random, s, nil
}

// readLabel reads a label and the number behind it. It gives "" without an error for one of which no secret is kept.
func readLabel(word []byte) (label Label, update uint8, err error) {
	for _, label := range labels {
		if string(word) == string(label) {
			return label, 0, nil
		}
	}
	for _, numbered := range [...]Label{ClientTraffic, ServerTraffic} {
		digit, is := bytes.CutPrefix(word, []byte(numbered))
		switch {
		case !is:
		case len(digit) == 0:
			return "", 0, ErrLabel
		case len(digit) == 1 && digit[0] >= '0' && digit[0] <= '0'+MaxUpdate:
			return numbered, digit[0] - '0', nil
		}
	}
	return "", 0, nil
}
