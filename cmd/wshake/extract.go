package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/cmd/wshake/outfile"
)

// extractPayload is how many octets of each message are extracted, unless the user says otherwise.
const extractPayload = 16 << 20

// extractMost is how many messages are extracted; the rest is counted in the manifest.
const extractMost = 100_000

// extraction writes each message into a file of its own, a transcript of each conversation, and a manifest. Names are
// made of numbers and words of ours, whatever was on the wire.
type extraction struct {
	event.Ignore
	ctx     context.Context
	dir     string
	files   *outfile.Dir
	guard   *outfile.Guard
	options report.Options

	manifest *outfile.File
	w        *bufio.Writer
	listed   uint64
	leftOut  uint64
	numbers  map[string]uint64      // of the last message, by conversation and side
	scripts  map[string]*transcript // by conversation
	gathered int                    // octets of transcripts that are not in their files
	err      error
	limited  func(name string, at *event.At, text string) // is told where no more are extracted
}

// newExtraction makes the directory, or takes one that is empty; with force one that is not.
func newExtraction(ctx context.Context, dir string, force bool, g *outfile.Guard, o report.Options) (*extraction, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: is no directory", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 && !force {
		return nil, fmt.Errorf("%s: is not empty; --force adds to it", dir)
	}
	x := &extraction{ctx: ctx, dir: dir, guard: g, options: o, numbers: make(map[string]uint64),
		scripts: make(map[string]*transcript)}
	if x.files, err = g.OpenDir(dir, info); err != nil {
		return nil, err
	}
	if x.manifest, err = g.CreateWhole(ctx, filepath.Join(dir, "manifest.json")); err != nil {
		return nil, err
	}
	x.w = bufio.NewWriter(x.manifest)
	fmt.Fprintf(x.w, `{"tool":"wshake","version":%s,"messages":[`, quotedJSON(ownVersion()))
	return x, nil
}

func quotedJSON(s string) []byte {
	b, err := report.MarshalJSON(s)
	if err != nil {
		return []byte(`""`)
	}
	return b
}

// extracted is a row of the manifest.
type extracted struct {
	File        string  `json:"file"`
	Conn        string  `json:"conn"`
	Community   string  `json:"community_id"`
	Client      string  `json:"client"`
	Server      string  `json:"server"`
	From        string  `json:"from"`
	Opcode      string  `json:"opcode"`
	Kind        *string `json:"kind"`
	Length      *uint64 `json:"length"` // of the message
	Octets      int     `json:"octets"` // of the file
	SHA256      string  `json:"sha256"` // of the file
	Complete    bool    `json:"complete"`
	Truncated   bool    `json:"truncated"`
	Limit       string  `json:"truncated_by,omitempty"` // payload: as asked for; memory: it was used up
	Unknown     uint64  `json:"unknown_bytes,omitempty"`
	Time        string  `json:"time"`
	FirstPacket uint64  `json:"first_packet"`
	Packet      uint64  `json:"packet"`
	Source      string  `json:"source"`
}

// extensions are the extensions of files by what messages hold.
var extensions = map[string]string{"json": ".json", "xml": ".xml", "msgpack": ".msgpack", "cbor": ".cbor", "mqtt": ".mqtt", "stomp": ".stomp",
	"amqp": ".amqp", "tls": ".tls", "ssh": ".ssh", "http": ".http", "sip": ".sip", "xmpp": ".xml"}

func extensionOf(e *event.Message) string {
	if known := extensions[e.Kind]; known != "" {
		return known
	}
	if e.Payload.Text {
		return ".txt"
	}
	return ".bin"
}

func (x *extraction) Message(e *event.Message) {
	if x.err != nil {
		return
	}
	if x.listed == extractMost {
		if x.leftOut == 0 {
			x.limited("extract-limit", &e.At, fmt.Sprintf("more than %d messages: those from here on are not extracted", extractMost))
		}
		x.leftOut++
		return
	}
	conn := fmt.Sprint(e.Conn.Ordinal)
	if e.Conn.Stream.Known {
		conn += fmt.Sprintf("-stream%d", e.Conn.Stream.Value)
	}
	side := conn + "-" + e.From.String()
	x.numbers[side]++
	name := fmt.Sprintf("%s-%06d%s", side, x.numbers[side], extensionOf(e))
	if x.err = x.files.Write(x.ctx, name, e.Payload.Data); x.err != nil {
		return
	}
	sum := sha256.Sum256(e.Payload.Data)
	row := extracted{File: name, Conn: e.Conn.String(), Community: e.Conn.CommunityID(), Client: e.Conn.Peer[event.Client].String(),
		Server: e.Conn.Peer[event.Server].String(), From: e.From.String(), Opcode: e.Opcode.String(), Octets: len(e.Payload.Data),
		SHA256: hex.EncodeToString(sum[:]), Complete: e.Complete, Truncated: e.Payload.Truncated, Unknown: e.Unknown, Time: report.RFC3339(e.At.Time),
		FirstPacket: e.First.Number, Packet: e.At.Number, Source: x.options.File(&e.At)}
	switch p := &e.Payload; {
	case p.Limited:
		row.Limit = "memory"
	case p.Truncated:
		row.Limit = "payload"
	}
	if e.Kind != "" {
		row.Kind = &e.Kind
	}
	if e.Length.Known {
		row.Length = &e.Length.Value
	}
	b, err := report.MarshalJSON(&row)
	if err != nil {
		x.err = err
		return
	}
	if x.listed > 0 {
		x.w.WriteByte(',')
	}
	x.listed++
	x.w.WriteByte('\n')
	if _, x.err = x.w.Write(b); x.err == nil {
		x.err = x.tell(conn, name, e)
	}
}

// transcript is what was said in a conversation, in one file.
type transcript struct {
	begun bool   // the file is there, and ours
	text  []byte // that is not in it
}

// unfinished ends the names of transcripts that may grow.
const unfinished = ".part"

// Octets of transcripts in memory: of one, and of all. A file is opened once for as much.
const (
	scriptSize  = 64 << 10
	scriptsMost = 8 << 20
)

// finishTranscripts gives the transcripts their names, or removes them.
func (x *extraction) finishTranscripts() error {
	for _, conn := range slices.Sorted(maps.Keys(x.scripts)) {
		script, path := x.scripts[conn], x.transcript(conn)
		if x.err == nil {
			x.err = x.store(conn, script)
		}
		if x.err == nil {
			x.err = os.Rename(path+unfinished, path)
		} else if script.begun {
			os.Remove(path + unfinished)
		}
		x.guard.Finished(path + unfinished)
	}
	return x.err
}

// transcript names the file of a conversation.
func (x *extraction) transcript(conn string) string {
	return filepath.Join(x.dir, conn+"-transcript.txt")
}

// tell adds a message to the transcript of its conversation.
func (x *extraction) tell(conn, name string, e *event.Message) error {
	script := x.scripts[conn]
	if script == nil {
		script = new(transcript)
		x.scripts[conn] = script
	}
	before := len(script.text)
	b := fmt.Appendf(script.text, "%s  packet %d  %s  %s\n", report.RFC3339(e.At.Time), e.At.Number, e.From, name)
	if text, is := report.PayloadText(&e.Payload); is {
		b = report.AppendSanitised(b, text)
	} else {
		b = fmt.Appendf(b, "[%d octets of %s]", len(e.Payload.Data), e.Opcode)
	}
	script.text = append(b, "\n\n"...)
	x.gathered += len(script.text) - before
	if len(script.text) >= scriptSize {
		return x.store(conn, script)
	}
	if x.gathered < scriptsMost {
		return nil
	}
	for _, conn := range slices.Sorted(maps.Keys(x.scripts)) {
		if err := x.store(conn, x.scripts[conn]); err != nil {
			return err
		}
	}
	return nil
}

// store moves what was gathered of a transcript into its file.
func (x *extraction) store(conn string, script *transcript) error {
	if len(script.text) == 0 {
		return nil
	}
	path := x.transcript(conn) + unfinished
	var f *os.File
	var err error
	if script.begun {
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	} else {
		f, err = x.guard.Create(x.ctx, path)
		if script.begun = err == nil; err == nil {
			x.guard.Unfinished(path)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(script.text)
	if e := f.Close(); err == nil {
		err = e
	}
	x.gathered -= len(script.text)
	script.text = nil
	return err
}

func (x *extraction) Pause() error { return nil }
func (x *extraction) Err() error   { return x.err }

// Flush completes the manifest. It is there only if every file in it is.
func (x *extraction) Flush() error {
	defer x.files.Close()
	defer x.manifest.Close()
	if err := x.finishTranscripts(); err != nil {
		return err
	}
	fmt.Fprintf(x.w, "\n],\"left_out\":%d,\"sources\":", x.leftOut)
	var names []string
	if x.options.Names != nil {
		names = x.options.Names()
	}
	b, err := report.MarshalJSON(digests(names, nil))
	if err == nil {
		_, err = x.w.Write(b)
	}
	if err == nil {
		_, err = io.WriteString(x.w, "}\n")
	}
	if err == nil {
		err = x.w.Flush()
	}
	if err == nil {
		err = x.manifest.Commit()
	}
	return err
}
