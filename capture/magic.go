package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// format is what a file's first octets say it is.
type format uint8

const (
	unknownFormat format = iota // nothing that is read
	pcap
	pcapng
	gzipped
	zstandard
)

// formatOf tells a format by its magic number, for which four octets suffice.
func formatOf(head []byte) format {
	if len(head) < 4 {
		return unknownFormat
	}
	little, big := littleEndian.u32(head), bigEndian.u32(head)
	_, littlePcap := pcapMagic(little)
	_, bigPcap := pcapMagic(big)
	switch {
	case littlePcap || bigPcap:
		return pcap
	case big == sectionHeader:
		return pcapng
	case head[0] == 0x1f && head[1] == 0x8b:
		return gzipped
	case big == 0x28b52ffd, little&^0xf == 0x184d2a50: // RFC 8878 sections 3.1.1 and 3.1.2
		return zstandard
	}
	return unknownFormat
}

// IsCapture reports whether the file at path begins as a capture does, or as compressed files do.
func IsCapture(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [4]byte
	n, _ := io.ReadFull(f, head[:])
	return formatOf(head[:n]) != unknownFormat
}

// notCapture is the reason why a file is not read: what it looks like.
type notCapture string

func (n notCapture) Error() string { return "not a capture: " + string(n) }

// looksLike guesses what a file is that begins like this; the guess is for its user's eyes.
func looksLike(head []byte) string {
	for _, k := range knownFormats {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return "looks like " + k.name
		}
	}
	switch {
	case len(head) == 0:
		return "the file is empty"
	case len(head) < 4:
		return fmt.Sprintf("the file has only %d octets", len(head))
	case len(bytes.Trim(head, "\x00")) == 0:
		return "the file begins with zeros"
	case isERF(head):
		return "looks like an Endace ERF capture"
	case isETL(head):
		return "looks like a Windows event trace (ETL); etl2pcapng converts it"
	case isText(head):
		return "looks like " + textKind(string(head))
	}
	return fmt.Sprintf("unknown data, beginning with % x", head[:min(len(head), 8)])
}

// knownFormats are those one may well confuse with a capture, or find beside it.
var knownFormats = []struct{ magic, name string }{
	{"snoop\x00\x00\x00", "a snoop capture (RFC 1761)"},
	{"btsnoop\x00", "a Bluetooth snoop capture"},
	{"RTSS", "a Microsoft Network Monitor 1 capture"},
	{"GMBU", "a Microsoft Network Monitor 2 capture"},
	{"XCP\x00", "a NetXRay or Sniffer capture"},
	{"TRSNIFF data", "a Network General Sniffer capture"},
	{"\x7fver", "a Peek (OmniPeek) capture"},
	{"\xa1\xe2\xcb\x12", "a netsniff-ng capture in Borkmann's format"},
	{"\x12\xcb\xe2\xa1", "a netsniff-ng capture in Borkmann's format"},
	{"\x1c\x00\x01\xac", "an IXIA capture"},
	{"\xac\x01\x00\x1c", "an IXIA capture"},
	{"\x1c\x00\x01\xab", "an IXIA capture"},
	{"\xab\x01\x00\x1c", "an IXIA capture"},
	{"BZh", "bzip2-compressed data"},
	{"\xfd7zXZ\x00", "xz-compressed data"},
	{"\x04\x22\x4d\x18", "lz4-compressed data"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"Rar!", "a RAR archive"},
	{"PK\x03\x04", "a ZIP archive"},
	{"\x7fELF", "an ELF program"},
	{"MZ", "a Windows program"},
	{"SQLite format 3\x00", "an SQLite database"},
	{"%PDF-", "a PDF document"},
	{"\x89PNG\r\n", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
}

// isERF tells Endace's extensible record format, which has no magic number: a first record whose type and lengths are
// possible, followed by another that is not older.
func isERF(head []byte) bool {
	record := func(b []byte) (time uint64, length int, ok bool) {
		if len(b) < 16 {
			return 0, 0, false
		}
		length = int(binary.BigEndian.Uint16(b[10:]))
		kind := b[8] & 0x7f
		return binary.LittleEndian.Uint64(b), length, kind >= 1 && kind <= 48 && length >= 16
	}
	first, length, ok := record(head)
	if !ok || length > len(head) {
		return false
	}
	second, _, ok := record(head[length:])
	return ok && first>>32 != 0 && second >= first
}

// isETL tells a WMI buffer header: the buffer's size, then how much of it is used, twice.
func isETL(head []byte) bool {
	if len(head) < 72 {
		return false
	}
	size, saved, current := littleEndian.u32(head), littleEndian.u32(head[4:]), littleEndian.u32(head[8:])
	return size >= 1<<10 && size <= 16<<20 && size%1024 == 0 && saved == current && saved >= 72 && saved <= size
}

func isText(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for len(head) > 0 {
		if !utf8.FullRune(head) { // we look at a beginning only
			return true
		}
		c, n := utf8.DecodeRune(head)
		if c == utf8.RuneError && n == 1 || c < ' ' && !strings.ContainsRune("\t\n\r\f\x1b", c) {
			return false
		}
		head = head[n:]
	}
	return true
}

func textKind(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return "HTML"
	case strings.HasPrefix(lower, "<?xml"):
		return "XML"
	case strings.HasPrefix(text, "{") && strings.Contains(text, `"log"`) && (strings.Contains(text, `"creator"`) || strings.Contains(text, `"entries"`)):
		return "an HTTP archive (HAR)"
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "JSON"
	case strings.HasPrefix(text, "CLIENT_"), strings.HasPrefix(text, "SERVER_"), strings.HasPrefix(lower, "# ssl"):
		return "a TLS key log"
	}
	return "text"
}
