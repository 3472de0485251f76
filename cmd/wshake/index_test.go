package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wshake/capture"
)

// The index of recordings says what is on disk: every file, its digest, its packets, where it is from.
func TestIndexOfRecordings(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "captures")
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct {
		Name, File, Recorded, Origin, Command, SHA256, Shows string
		Software                                             []struct{ Name, Version string }
		Packets                                              int
		Truth                                                *string
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	var listed, names []string
	for _, e := range index {
		listed, names = append(listed, e.File), append(names, e.Name)
		whole, err := os.ReadFile(filepath.Join(dir, e.File))
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(whole); hex.EncodeToString(sum[:]) != e.SHA256 {
			t.Errorf("%s is not the file that the index describes", e.File)
		}
		if n := countPackets(t, filepath.Join(dir, e.File)); n != e.Packets {
			t.Errorf("%s has %d packets, the index says %d", e.File, n, e.Packets)
		}
		if e.Recorded == "" || e.Origin == "" || e.Command == "" || e.Shows == "" || len(e.Software) == 0 {
			t.Errorf("%s: the index says too little: %+v", e.File, e)
		}
		if e.Truth != nil {
			if _, err := os.Stat(filepath.Join(dir, *e.Truth)); err != nil {
				t.Error(err)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Error("the index is not sorted")
	}
	for _, path := range captures(t) {
		if !slices.Contains(listed, filepath.Base(path)) {
			t.Errorf("%s is not in the index", path)
		}
	}
}

func countPackets(t *testing.T, path string) (n int) {
	t.Helper()
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b capture.Batch
	for {
		err := src.Read(&b)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n += len(b.Packets)
		b.Release()
	}
}
