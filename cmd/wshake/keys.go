package main

import (
	"errors"
	"fmt"
	"os"

	"wshake/analyze/tls"
	"wshake/capture"
)

// secrets gathers the key logs inside captures until they are asked for.
type secrets struct{ met [][]byte }

// tlsKeyLog is the type of a Decryption Secrets Block that holds a TLS key log (draft-ietf-opsawg-pcapng §4.7).
const tlsKeyLog = 0x544c534b

func (s *secrets) take(b capture.Secrets) {
	if b.Type == tlsKeyLog {
		s.met = append(s.met, b.Data)
	}
}

// drain gives what was met since the last call.
func (s *secrets) drain() [][]byte {
	met := s.met
	s.met = nil
	return met
}

// keys reads the key logs of the command line. Bad lines are told by their number, never by their content.
func (o *options) keys(std stdio) (*tls.KeyLog, error) {
	keys := new(tls.KeyLog)
	for _, path := range o.keylogs {
		if path == "env" {
			if path = os.Getenv("SSLKEYLOGFILE"); path == "" {
				return nil, errors.New("--keylog env: SSLKEYLOGFILE is not set")
			}
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		tally, err := keys.Add(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, bad := range tally.BadLines {
			std.complain("%s: line %d: %v", path, bad.Number, bad.Err)
		}
		if rest := tally.Bad - len(tally.BadLines); rest > 0 {
			std.complain("%s: %d more bad lines", path, rest)
		}
		if tally.Refused > 0 {
			std.complain("%s: %d secrets are more than are kept", path, tally.Refused)
		}
	}
	return keys, nil
}
