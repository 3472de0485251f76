//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/testdata/hostile"
	"wshake/testdata/need"
	"wshake/testdata/netns"
)

// everyFile asks for every output file that there is, in dir.
func everyFile(dir string) []string {
	return append(allFiles(dir), "--extract", filepath.Join(dir, "messages"), "--html", filepath.Join(dir, "page.html"),
		"--write", filepath.Join(dir, "packets.pcapng"), "--output-file", filepath.Join(dir, "out.ndjson"), "-o", "json", "--show", "all")
}

// complete checks that each file in dir is whole, as its form tells; what is absent is not asked for. It lists them.
func complete(t *testing.T, dir string) (there []string) {
	t.Helper()
	files, _ := os.ReadDir(dir)
	for _, entry := range files {
		name, path := entry.Name(), filepath.Join(dir, entry.Name())
		there = append(there, name)
		if entry.IsDir() {
			if !exists(filepath.Join(path, "manifest.json")) {
				if parts := filesIn(t, filepath.Join(path, "*transcript*")); len(parts) > 0 {
					t.Errorf("without a manifest there are %q", parts)
				}
				continue
			}
			for _, inner := range complete(t, path) {
				there = append(there, name+"/"+inner)
			}
			continue
		}
		text := readFile(t, path)
		var err error
		switch filepath.Ext(name) {
		case ".har", ".sarif":
			err = json.Unmarshal([]byte(text), new(any))
		case ".json", ".ndjson":
			for d := json.NewDecoder(strings.NewReader(text)); err == nil; {
				err = d.Decode(new(any))
			}
			if err == io.EOF {
				err = nil
			}
		case ".csv":
			_, err = csv.NewReader(strings.NewReader(text)).ReadAll()
		case ".html":
			if !strings.HasSuffix(strings.TrimSpace(text), "</html>") {
				err = io.ErrUnexpectedEOF
			}
		case ".pcapng":
			if status, _, errs := wshake(path); status != exitDone {
				err = fmt.Errorf("%s", errs)
			}
		case ".log", ".tsv", ".txt", ".bin":
		default:
			err = fmt.Errorf("what is this?")
		}
		if err == nil && filepath.Ext(name) != ".pcapng" && filepath.Base(dir) != "messages" && text != "" && !strings.HasSuffix(text, "\n") {
			err = fmt.Errorf("it ends inside a line")
		}
		if err != nil {
			t.Errorf("%s of %d octets: %v", path, len(text), err)
		}
	}
	return there
}

// tiny is a conversation of n messages of a few octets.
func tiny(n int) iter.Seq[hostile.Packet] {
	return func(yield func(hostile.Packet) bool) {
		f := hostile.NewFlow(1, func(p hostile.Packet) { yield(p) }).Agree("")
		for i := range n {
			text := fmt.Sprint(i)
			f.Say(1, append([]byte{0x81, byte(len(text))}, text...))
		}
		f.Close()
	}
}

func writeCapture(t *testing.T, packets iter.Seq[hostile.Packet]) string {
	t.Helper()
	var b bytes.Buffer
	if err := hostile.WritePcap(&b, packets); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "capture.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Ten thousand messages of a few octets are in every file, and each in a file of its own.
func TestManyTinyMessages(t *testing.T) {
	n := need.Rounds(10_000, 200)
	dir := t.TempDir()
	if status, _, errs := wshake(append(everyFile(dir), writeCapture(t, tiny(n)))...); status != exitDone || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	for name, c := range countEvidence(t, dir) {
		if c.messages >= 0 && c.messages != n {
			t.Errorf("%s has %d messages", name, c.messages)
		}
	}
	there := complete(t, dir)
	if want := 17 + n; len(there) != want {
		t.Errorf("%d files, want %d: %q", len(there), want, there[:20])
	}
	for i := range n {
		if got := readFile(t, filepath.Join(dir, "messages", fmt.Sprintf("1-server-%06d.txt", i+1))); got != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got)
		}
	}
}

// A message of a gigabyte passes through every output that one pass has, within little memory.
func TestGigabyteMessage(t *testing.T) {
	need.Long(t)
	const size = 1 << 30
	dir := t.TempDir()
	args := slices.DeleteFunc(everyFile(dir), func(arg string) bool { return arg == "--payload" || arg == "4096" })
	args = append(args, "--grep", "need[l]e", "--where", "length > 0")
	peak, errs := attack(t, func(yield func(hostile.Packet) bool) {
		f := hostile.NewFlow(1, func(p hostile.Packet) { yield(p) }).Agree("")
		f.Say(1, binary.BigEndian.AppendUint64([]byte{0x82, 127}, size))
		piece := bytes.Repeat([]byte("octets of a large message. "), 2000)[:50_000]
		for left := size; left > 0; left -= len(piece) {
			piece = piece[:min(left, len(piece))]
			if left < size/2 && left > size/2-50_000 {
				piece = slices.Concat([]byte("needle"), piece[6:])
			}
			f.Send(1, hostile.ACK, f.Next[1], piece)
			f.Next[1] += uint32(len(piece))
			f.Send(0, hostile.ACK, f.Next[0], nil)
		}
		f.Close()
	}, args...)
	t.Logf("%d MiB at most", peak>>10)
	if errs != "" || peak > 450<<10 {
		t.Errorf("%d MiB, %s", peak>>10, errs)
	}
	complete(t, dir)
	var manifest struct {
		Messages []struct {
			Length, Octets uint64
			Truncated      bool
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "messages", "manifest.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	if m := manifest.Messages; len(m) != 1 || m[0].Length != size || m[0].Octets != extractPayload || !m[0].Truncated {
		t.Errorf("%+v", m)
	}
	if out := readFile(t, filepath.Join(dir, "out.ndjson")); !strings.Contains(out, `"length":1073741824`) || strings.Count(out, `"matches":[{`) != 1 {
		t.Errorf("%.2000s", out)
	}
}

// On a disk that is full, files that could not be written whole are not there, and nothing is left of them.
func TestFullDiskOfFiles(t *testing.T) {
	netns.Need(t)
	disk := t.TempDir()
	if err := unix.Mount("none", disk, "tmpfs", 0, "size=512k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	path := writeCapture(t, tiny(2000))
	for _, output := range [][]string{{"--har"}, {"--html"}, {"--write"}, {"--output-file"}, {"--extract"}, {"--also", "json:messages="}, {"--also", "csv:messages="}} {
		name := filepath.Join(disk, "file")
		args := append(slices.Clone(output[:len(output)-1]), output[len(output)-1])
		if len(output) > 1 {
			args[1] += name
		} else {
			args = append(args, name)
		}
		if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 480<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		status, _, errs := wshake(append(args, "-o", "json", "--show", "all", path)...)
		if status != exitInput || !strings.Contains(errs, "no space left on device") {
			t.Errorf("%v: status %d, %s", output, status, errs)
		}
		entries, _ := os.ReadDir(disk)
		for _, e := range entries {
			switch {
			case e.Name() == "filler":
			case e.IsDir():
				if parts := filesIn(t, filepath.Join(disk, e.Name(), "*transcript*")); len(parts) > 0 || exists(filepath.Join(disk, e.Name(), "manifest.json")) {
					t.Errorf("%v leaves %q", output, parts)
				}
			default:
				t.Errorf("%v leaves %s", output, e.Name())
			}
			os.RemoveAll(filepath.Join(disk, e.Name()))
		}
	}
}

// Where a run is interrupted, files hold what was read until then and are whole, or they are not there.
func TestInterruptedFilesAreWhole(t *testing.T) {
	capture, err := os.ReadFile(writeCapture(t, tiny(2000)))
	if err != nil {
		t.Fatal(err)
	}
	for _, whole := range []bool{false, true} {
		dir := t.TempDir()
		args := everyFile(dir)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var in io.Reader
		if whole { // the second reading of the file is interrupted
			path := filepath.Join(t.TempDir(), "capture.pcap")
			if err := os.WriteFile(path, capture, 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, path)
			cancel()
		} else {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close()
			defer write.Close()
			in = read
			args = append(args, "-")
			go func() {
				write.Write(capture[:len(capture)/2])
				for range int(patience / time.Millisecond) {
					if n, err := unix.IoctlGetInt(int(write.Fd()), unix.TIOCINQ); err != nil || n == 0 {
						break
					}
					time.Sleep(time.Millisecond)
				}
				time.Sleep(20 * time.Millisecond) // for the packets of the last read
				cancel()
			}()
		}
		o, err := parse(args)
		if err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		std := stdio{in: in, out: &out, err: &errs}
		if err := o.guard(&std); err != nil {
			t.Fatal(err)
		}
		if status := analyse(ctx, o, std); status != exitInput || !strings.Contains(errs.String(), "interrupted: not all was read") {
			t.Errorf("status %d, %q", status, errs.String())
		}
		there := complete(t, dir)
		if exists(filepath.Join(dir, "packets.pcapng")) == whole {
			t.Errorf("the packets are there: %v; %q", !whole, there)
		}
		if whole {
			continue
		}
		if n := countEvidence(t, dir)["archive.har"]; n.messages == 0 || n.messages == 2000 {
			t.Errorf("the archive has %d messages", n.messages)
		}
	}
}

// Where little memory is allowed, a large message is cut and named, and what comes behind it is read. Messages that are
// never finished give back what they took.
func TestPayloadKeepsToMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	dir := filepath.Join(t.TempDir(), "messages")
	large := writeCapture(t, func(yield func(hostile.Packet) bool) {
		f := hostile.NewFlow(1, func(p hostile.Packet) { yield(p) }).Agree("")
		f.Say(1, binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<20))
		for range 1 << 5 {
			f.Say(1, make([]byte, 1<<15))
		}
		f.Say(1, []byte("\x81\x05after"))
		f.Close()
	})
	status, out, errs := wshake("--max-memory", "16MiB", "--extract", dir, large)
	if status != exitDone || errs != "" || !strings.Contains(out, "caveat payload-limit: of a message of the server only the first 131072 octets") {
		t.Errorf("status %d, %s\n%s", status, errs, out)
	}
	var manifest struct {
		Messages []struct {
			Length, Octets uint64
			Limit          string `json:"truncated_by"`
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "manifest.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	if m := fmt.Sprint(manifest.Messages); m != "[{1048576 131072 memory} {5 5 }]" {
		t.Error(m)
	}
	unfinished := writeCapture(t, func(yield func(hostile.Packet) bool) {
		for n := range 300 {
			f := hostile.NewFlow(n+1, func(p hostile.Packet) { yield(p) }).Agree("")
			f.Say(1, append([]byte{0x82, 126, 0xff, 0xff}, make([]byte, 10_000)...))
			f.Close()
		}
	})
	status, out, errs = wshake("--max-memory", "16MiB", "--show", "messages,caveats", "--payload", "20000", "-o", "json", unfinished)
	if status != exitDone || errs != "" || strings.Contains(out, "payload-limit") || strings.Count(out, `"truncated":false`) != 300 {
		t.Errorf("status %d, %s\n%.500s", status, errs, out)
	}
}
