package keylog

import (
	"bytes"
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

// parseLine reads a line that is not empty. secret is nil if it is of no use here.
func parseLine(line []byte) (name Name, secret []byte, err error) {
	var space [4][]byte
	words := space[:0]
	for word := range bytes.FieldsSeq(line) {
		if words = append(words, word); len(words) == cap(words) {
			break // too many
		}
	}
	for i, c := range words[0] {
		if !(c >= 'A' && c <= 'Z' || c == '_' && i > 0 || c >= '0' && c <= '9' && i > 0) {
			return name, nil, ErrLabel
		}
	}
	if len(words) != 3 {
		return name, nil, ErrLineWords
	}
	name.Label = Label(words[0])
	for _, numbered := range []Label{ClientTraffic, ServerTraffic} {
		if digit := bytes.TrimPrefix(words[0], []byte(numbered)); len(digit) == 1 && digit[0] >= '0' && digit[0] <= '0'+MaxUpdate {
			name.Label, name.Update = numbered, digit[0]-'0'
		}
	}
	sizes := []int{32, 48} // of the hashes of TLS 1.3
	random, bad := name.Random[:], ErrClientRandom
	switch name.Label {
	case Master:
		sizes = []int{MasterSize}
	case Premaster:
		sizes = []int{MasterSize}
		random, bad = random[:PremasterNameSize], ErrEncrypted
	case EarlyTraffic, ClientHandshake, ServerHandshake:
	case ClientTraffic, ServerTraffic:
		if string(words[0]) == string(name.Label) {
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
