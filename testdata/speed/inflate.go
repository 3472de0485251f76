package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"wshake/testdata/speed/traffic"
)

// inflaters decompress gzip to standard output. The fastest that is installed counts: igzip is of ISA-L.
var inflaters = [][]string{{"libdeflate-gunzip", "-c"}, {"igzip", "-d", "-c"}, {"gzip", "-d", "-c"}}

// inflateRate gives the name of the fastest inflater and how many messages of the kind deflate it inflates in a second
// on one core; "" where none is installed.
func inflateRate(dir string, runs int) (name string, rate float64, err error) {
	path := filepath.Join(dir, "deflate.gz")
	f, err := os.Create(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	messages, err := traffic.WriteGzip(f, 640)
	if err != nil {
		return "", 0, err
	}
	for _, args := range inflaters {
		if _, err := exec.LookPath(args[0]); err != nil {
			continue
		}
		for range runs {
			begun := time.Now()
			if err := exec.Command(args[0], append(args[1:], path)...).Run(); err != nil {
				return "", 0, err
			}
			if r := float64(messages) / time.Since(begun).Seconds(); r > rate {
				name, rate = args[0], r
			}
		}
	}
	return name, rate, nil
}

// messagesIn is how many messages the capture had whose events are the JSON lines of this file.
func messagesIn(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var summary struct{ Messages int }
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if !bytes.HasPrefix(lines.Bytes(), []byte(`{"type":"summary"`)) {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &summary); err != nil {
			return 0, err
		}
	}
	return summary.Messages, lines.Err()
}
