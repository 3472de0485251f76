package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// How long TLS connections wait for secrets that may still come: while packets are captured, for as long as a client
// may take to write its key log; where secrets stand anywhere in an input that is read only once, until the input
// ends.
const (
	awaitLive   = 10 * time.Second
	untilTheEnd = time.Duration(math.MaxInt64)
)

// secrets reads the key logs that --keylog names, and says how the analysis gets at the secrets.
func (o *options) secrets(in *input) error {
	o.config.Keys.Log, o.config.Keys.Poll = &in.keys.Log, in.keys.Poll
	paths, err := o.keyLogs()
	if err != nil || len(paths) == 0 {
		return err
	}
	read := in.keys.File
	if in.live != nil {
		read = in.keys.Follow
		o.config.Keys.Wait = awaitLive
	}
	for _, path := range paths {
		if err := read(path); err != nil {
			return fmt.Errorf("--keylog %w", err)
		}
	}
	return nil
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
