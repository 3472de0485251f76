package http1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type conversation struct {
	name   string
	kind   Kind
	limits Limits
	sent   []piece
	want   []string
}

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

// conversations are named by what makes each of them different from a plain request or response.
var conversations = []conversation{
	{name: "upgrade", sent: packets("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x81\x80abcd"), want: []string{
		`head 0+49 #1-1 "GET /ws HTTP/1.1" GET|/ws|HTTP/1.1 (Host:a) (Upgrade:websocket)`, "complete #1", "left 6"}},
	{name: "upgradeWithBody", sent: packets("POST / HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhiPRI"), want: []string{
		`head 0+52 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Upgrade:h2c) (Content-Length:2)`, `body 0 hi`, "complete #1", "left 3"}},
	{name: "switching", kind: Response, sent: packets("HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\n\x81\x00"), want: []string{
		`head 0+55 #1-1 "HTTP/1.1 101 Switching Protocols" HTTP/1.1|101|Switching Protocols (Content-Length:5)`, "complete #1", "left 2"}},
	{name: "continueBeforeSwitching", kind: Response, sent: packets("HTTP/1.1 100 \r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\nHTTP/1.1 101 \r\n\r\n\x81"), want: []string{
		`head 0+17 #1-1 "HTTP/1.1 100 " HTTP/1.1|100|`, "complete #1",
		`head 17+25 #1-1 "HTTP/1.1 103" HTTP/1.1|103| (Link:x)`, "complete #1",
		`head 42+17 #1-1 "HTTP/1.1 101 " HTTP/1.1|101|`, "complete #1", "left 1"}},
	{name: "overPackets", sent: packets("GET /", "ws HTTP/1.1\r\n", "A: b\r\n\r", "\nGET / HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+26 #1-4 "GET /ws HTTP/1.1" GET|/ws|HTTP/1.1 (A:b)`, "complete #4",
		`head 26+18 #4-4 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #4"}},
	{name: "laterPacketFirst", sent: []piece{{packet: 7, data: []byte("GET / HTTP/1.1\r\n")}, {packet: 3, data: []byte("\r\n")}}, want: []string{
		`head 0+18 #7-7 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #3"}},

	{name: "caseOrderDuplicates", sent: packets("GET / HTTP/1.1\r\nb: 1\r\nA:2\r\nB:\t 3 \t\r\nb:\r\n\r\n"), want: []string{
		`head 0+42 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (b:1) (A:2) (B:3) (b:)`, "complete #1"}},
	{name: "bareLF", sent: packets("GET / HTTP/1.1\nA: 1\r\nB: 2\n\n"), want: []string{
		`head 0+27 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:1) (B:2) bare-lf=3`, "complete #1"}},
	{name: "bareCR", sent: packets("GET / HTTP/1.1\r\nA: 1\r2\r\nB: 3\r\r\n\r\n"), want: []string{
		"head 0+33 #1-1 \"GET / HTTP/1.1\" GET|/|HTTP/1.1 (A:1\r2) (B:3\r) bare-cr=2", "complete #1"}},
	{name: "crIsNoEmptyLine", sent: packets("GET / HTTP/1.1\r\n\r\r\n\r\n"), want: []string{
		"head 0+21 #1-1 \"GET / HTTP/1.1\" GET|/|HTTP/1.1 (\r: no-colon) bare-cr=1 {offset 16: field line without a colon: \"\\r\" (RFC 9112 §5)}", "complete #1"}},
	{name: "zeroOctet", sent: packets("GET / HTTP/1.1\r\nA: \x00\r\n\r\n"), want: []string{
		"head 0+24 #1-1 \"GET / HTTP/1.1\" GET|/|HTTP/1.1 (A:\x00) {offset 19: a zero octet in the head (RFC 9110 §5.5)}", "complete #1"}},
	{name: "folded", sent: packets("GET / HTTP/1.1\r\nA: 1\r\n \t2 \r\n\t3\r\nB: 4\r\n\r\n"), want: []string{
		`head 0+40 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:1 2 3 folded) (B:4) folded=2`, "complete #1"}},
	{name: "foldedFromEmpty", sent: packets("GET / HTTP/1.1\r\nA:\r\n \r\n 1\n\r\n"), want: []string{
		`head 0+28 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:1 folded) bare-lf=1 folded=2`, "complete #1"}},
	{name: "foldedBeforeAnyField", sent: packets("GET / HTTP/1.1\r\n A: 1\r\nB: 2\r\n\r\n"), want: []string{
		`head 0+31 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (B:2) folded=1 {offset 16: blanks between the start line and the first field: " A: 1" (RFC 9112 §2.2)}`, "complete #1"}},
	{name: "spaceBeforeColon", sent: packets("GET / HTTP/1.1\r\nUpgrade\t : websocket\r\n\r\n"), want: []string{
		`head 0+40 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (Upgrade:websocket space-before-colon) {offset 16: blanks between field name and colon: "Upgrade\t : websocket" (RFC 9112 §5.1)}`, "complete #1"}},
	{name: "noColon", sent: packets("GET / HTTP/1.1\r\nHost a\r\nB: 1\r\n\r\n"), want: []string{
		`head 0+32 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (Host a: no-colon) (B:1) {offset 16: field line without a colon: "Host a" (RFC 9112 §5)}`, "complete #1"}},
	{name: "badName", sent: packets("GET / HTTP/1.1\r\nA b: 1\r\n: 2\r\n\r\n"), want: []string{
		`head 0+31 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A b:1 bad-name) (:2 bad-name) {offset 16: field name is not a token: "A b" (RFC 9110 §5.1)}`, "complete #1"}},
	{name: "emptyLinesFirst", sent: packets("\r\n\n\r\nGET / HTTP/1.1\r\n\r\n\r\n"), want: []string{
		`head 5+18 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 empty-lines=3`, "complete #1"}},
	{name: "emptyLineInItsOwnPacket", sent: packets("\r", "\n", "GET / HTTP/1.1\r\n\r\n", "\r"), want: []string{
		`head 2+18 #3-3 "GET / HTTP/1.1" GET|/|HTTP/1.1 empty-lines=1`, "complete #3"}},

	{name: "spaceInTarget", sent: packets("GET /a b HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+21 #1-1 "GET /a b HTTP/1.1" GET|/a b|HTTP/1.1 {offset 0: blanks other than the two single spaces in "GET /a b HTTP/1.1" (RFC 9112 §3)}`, "complete #1"}},
	{name: "doubleSpaceInRequestLine", sent: packets("GET  /  HTTP/1.1 \r\n\r\n"), want: []string{
		`head 0+21 #1-1 "GET  /  HTTP/1.1 " GET|/|HTTP/1.1 {offset 0: blanks other than the two single spaces in "GET  /  HTTP/1.1 " (RFC 9112 §3)}`, "complete #1"}},
	{name: "noTarget", sent: packets("GET HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+16 #1-1 "GET HTTP/1.1" GET||HTTP/1.1 {offset 0: no request target in "GET HTTP/1.1" (RFC 9112 §3)}`, "complete #1"}},
	{name: "noVersion", sent: packets("GET /\r\n\r\nmore"), want: []string{
		`bad #1 offset 0: request line ends in no HTTP version: "GET /" (RFC 9112 §3)`}},
	{name: "noMethod", sent: packets("\x16\x03\x01\x02\x00"), want: []string{
		`bad #1 offset 0: not a request line: "\x16" (RFC 9112 §3)`}},
	{name: "methodTooLong", sent: packets("ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n\r\n"), want: []string{
		`bad #1 offset 0: not a request line: "ABCDEFGHIJKLMNOPQRSTU" (RFC 9112 §3)`}},
	{name: "requestAfterRubbish", sent: packets("GET / HTTP/1.1\r\n\r\n\x00", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+18 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #1",
		`bad #1 offset 18: not a request line: "\x00" (RFC 9112 §3)`}},
	{name: "notHTTP", kind: Response, sent: packets("SSH-2.0-OpenSSH_9.6\r\n"), want: []string{
		`bad #1 offset 0: not a status line: "S" (RFC 9112 §4)`}},
	{name: "lowerCaseVersion", kind: Response, sent: packets("http/1.1 200 OK\r\n\r\n"), want: []string{
		`bad #1 offset 0: not a status line: "h" (RFC 9112 §4)`}},
	{name: "longStatus", kind: Response, sent: packets("HTTP/1.1 1010 OK\r\n\r\n"), want: []string{
		`bad #1 offset 0: status code is not three digits: "HTTP/1.1 1010 OK" (RFC 9112 §4)`}},
	{name: "oddVersion", kind: Response, sent: packets("HTTP/11 101 OK\r\n\r\n"), want: []string{
		`bad #1 offset 0: status line begins with no HTTP version: "HTTP/11 101 OK" (RFC 9112 §4)`}},
	{name: "doubleSpaceInStatusLine", kind: Response, sent: packets("HTTP/1.1  204 \r\n\r\n"), want: []string{
		`head 0+18 #1-1 "HTTP/1.1  204 " HTTP/1.1|204| {offset 0: several spaces before the status code in "HTTP/1.1  204 " (RFC 9112 §4)}`, "complete #1"}},

	{name: "pipelined", sent: packets("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.0\r\n\r\n"), want: []string{
		`head 0+19 #1-1 "GET /1 HTTP/1.1" GET|/1|HTTP/1.1`, "complete #1",
		`head 19+39 #1-1 "POST /2 HTTP/1.1" POST|/2|HTTP/1.1 (Content-Length:3)`, "body 0 abc", "complete #1",
		`head 61+19 #1-1 "GET /3 HTTP/1.0" GET|/3|HTTP/1.0`, "complete #1"}},
	{name: "lengthRepeated", sent: packets("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\ncontent-length: 1\r\n\r\nx\r\n"), want: []string{
		`head 0+60 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:1, 1) (content-length:1)`, "body 0 x", "complete #1"}},
	{name: "lengthConflicting", sent: packets("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+57 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:1) (Content-Length:2)`,
		"bad #1 offset 0: Content-Length is both 1 and 2 (RFC 9112 §6.3)"}},
	{name: "lengthSigned", sent: packets("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx"), want: []string{
		`head 0+39 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:+1)`,
		`bad #1 offset 0: Content-Length is not a number: "+1" (RFC 9112 §6.3)`}},
	{name: "lengthOver63Bits", sent: packets("POST / HTTP/1.1\r\nContent-Length: 9223372036854775808\r\n\r\nx"), want: []string{
		`head 0+56 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:9223372036854775808)`,
		`bad #1 offset 0: Content-Length is not a number: "9223372036854775808" (RFC 9112 §6.3)`}},
	{name: "lengthEmpty", sent: packets("POST / HTTP/1.1\r\nContent-Length:\r\n\r\nx"), want: []string{
		`head 0+36 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:)`,
		`bad #1 offset 0: Content-Length is not a number: "" (RFC 9112 §6.3)`}},
	{name: "answerToHEAD", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX-Answers-HEAD: 1\r\n\r\nHTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n"), want: []string{
		`head 0+57 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:9) (X-Answers-HEAD:1)`, "complete #1",
		`head 57+37 #1-1 "HTTP/1.1 304 x" HTTP/1.1|304|x (Content-Length:9)`, "complete #1"}},
	{name: "untilClose", kind: Response, sent: packets("HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\n"), want: []string{
		`head 0+19 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK`, "body 0 abcHTTP/1.1 200 OK\r\n\r\n", "complete #2"}},
	{name: "untilCloseByHandler", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Until-Close: 1\r\n\r\nabc"), want: []string{
		`head 0+56 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:1) (X-Until-Close:1)`, "body 0 abc", "complete #1"}},
	{name: "bodyCutOff", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), want: []string{
		`head 0+38 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:5)`, "body 0 abc"}},

	{name: "chunked", kind: Response, sent: packets(chunked + "3\r\nabc\r\n00a ; x=\"y\"\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nHTTP/1.1 204 x\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 abc0123456789", "complete #1",
		`head 97+18 #1-1 "HTTP/1.1 204 x" HTTP/1.1|204|x`, "complete #1"}},
	{name: "chunkedBareLF", kind: Response, sent: packets(chunked + "3\nabc\n0\n\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 abc", "complete #1"}},
	{name: "chunkedOverLength", sent: packets("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\ntransfer-encoding: , Chunked\r\n\r\n0\r\n\r\n"), want: []string{
		`head 0+93 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Content-Length:3) (Transfer-Encoding:gzip) (transfer-encoding:, Chunked)`, "complete #1"}},
	{name: "chunkSizeNotHex", kind: Response, sent: packets(chunked + "xyz\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`,
		`bad #1 offset 47: "x" in a chunk size (RFC 9112 §7.1)`}},
	{name: "chunkSizeSigned", kind: Response, sent: packets(chunked + "1-\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`,
		`bad #1 offset 48: "-" in a chunk size (RFC 9112 §7.1)`}},
	{name: "chunkSizeOver63Bits", kind: Response, sent: packets(chunked + "000ffffffffffffffff\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`,
		`bad #1 offset 65: chunk size has more than 63 bits (RFC 9112 §7.1)`}},
	{name: "chunkTooLong", kind: Response, sent: packets(chunked + "2\r\nabc\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 ab",
		`bad #1 offset 52: "c" where a chunk should end (RFC 9112 §7.1)`}},
	{name: "chunkEndsInTwoCR", kind: Response, sent: packets(chunked + "1\r\na\r\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 a",
		`bad #1 offset 52: "\r" where a chunk should end (RFC 9112 §7.1)`}},
	{name: "chunkedTwice", sent: packets("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"), want: []string{
		`head 0+56 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Transfer-Encoding:chunked, chunked)`,
		"bad #1 offset 0: chunked applied more than once (RFC 9112 §6.1)"}},
	{name: "chunkedNotLastInRequest", sent: packets("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"), want: []string{
		`head 0+53 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Transfer-Encoding:chunked, gzip)`,
		`bad #1 offset 0: last transfer coding of a request is not chunked: "gzip" (RFC 9112 §6.3)`}},
	{name: "chunkedNotLastInResponse", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab"), want: []string{
		`head 0+44 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:gzip)`, "body 0 ab", "complete #1"}},
	{name: "chunkedInHTTP10", kind: Response, sent: packets("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.0 200 OK" HTTP/1.0|200|OK (Transfer-Encoding:chunked)`,
		`bad #1 offset 0: Transfer-Encoding "chunked" in a message of HTTP/1.0 (RFC 9112 §6.1)`}},

	{name: "gapInBody", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "<gap 5>", "hiHTTP/1.1 204 x\r\n\r\n"), want: []string{
		`head 0+38 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:9)`, "body 0 ab", "body 7 hi", "complete #3",
		`head 47+18 #3-3 "HTTP/1.1 204 x" HTTP/1.1|204|x`, "complete #3"}},
	{name: "gapToTheEndOfBody", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "<gap 7>", "HTTP/1.1 204 x\r\n\r\n"), want: []string{
		`head 0+38 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:9)`, "body 0 ab", "complete #2",
		`head 47+18 #3-3 "HTTP/1.1 204 x" HTTP/1.1|204|x`, "complete #3"}},
	{name: "gapBeyondBody", kind: Response, sent: packets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "<gap 8>", "TTP/1.1 204 x\r\n\r\n", "HTTP/1.1 204 x\r\n\r\n"), want: []string{
		`head 0+38 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Content-Length:9)`, "body 0 ab", "complete #2", "lost #2 47",
		`head 65+18 #4-4 "HTTP/1.1 204 x" HTTP/1.1|204|x`, "complete #4"}},
	{name: "gapInBodyBeforeSwitch", sent: packets("POST / HTTP/1.1\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\n", "<gap 5>", "abc"), want: []string{
		`head 0+50 #1-1 "POST / HTTP/1.1" POST|/|HTTP/1.1 (Upgrade:x) (Content-Length:2)`, "complete #2", "left 6"}},
	{name: "gapInChunk", kind: Response, sent: packets(chunked+"a\r\nab", "<gap 8>", "\r\n0\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 ab", "complete #3"}},
	{name: "gapBeyondChunk", kind: Response, sent: packets(chunked+"a\r\nab", "<gap 9>", "\n0\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 ab", "lost #2 60"}},
	{name: "gapInChunkSize", kind: Response, sent: packets(chunked+"1", "<gap 1>", "\r\n", chunked+"2\r\nab\r\n0\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "lost #2 48",
		`head 51+47 #4-4 "HTTP/1.1 200 OK" HTTP/1.1|200|OK (Transfer-Encoding:chunked)`, "body 0 ab", "complete #4"}},
	{name: "gapInLastBody", kind: Response, sent: packets("HTTP/1.1 200 OK\r\n\r\n", "<gap 8>", "ab"), want: []string{
		`head 0+19 #1-1 "HTTP/1.1 200 OK" HTTP/1.1|200|OK`, "body 8 ab", "complete #3"}},
	{name: "gapInHead", sent: packets("GET / HTTP/1.1\r\nHost: a\r\nUpgr", "<gap 4>", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+29 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (Host:a) cut=gap`, "lost #2 29",
		`head 33+18 #3-3 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #3"}},
	{name: "gapInStartLine", sent: packets("GET / HT", "<gap 4>", "\r\n\r\n"), want: []string{
		`head 0+8 #1-1 "GET / HT" GET|| cut=gap`, "lost #2 8"}},
	{name: "gapInTarget", sent: packets("GET /a b HTTP/1.1", "<gap 4>", "x"), want: []string{
		`head 0+17 #1-1 "GET /a b HTTP/1.1" GET|/a b|HTTP/1.1 cut=gap`, "lost #2 17"}},
	{name: "gapInReason", kind: Response, sent: packets("HTTP/1.1 101 Swi", "<gap 40>", "\x81\x00"), want: []string{
		`head 0+16 #1-1 "HTTP/1.1 101 Swi" HTTP/1.1|101| cut=gap`, "left 2"}},
	{name: "gapInStatus", kind: Response, sent: packets("HTTP/1.1 10", "<gap 40>", "x"), want: []string{
		`head 0+11 #1-1 "HTTP/1.1 10" |0| cut=gap`, "lost #2 11"}},
	{name: "gapInSwitchingHead", kind: Response, sent: packets("HTTP/1.1 101 x\r\nUpg", "<gap 40>", "\x81\x00"), want: []string{
		`head 0+19 #1-1 "HTTP/1.1 101 x" HTTP/1.1|101|x cut=gap`, "left 2"}},
	{name: "gapFirst", sent: packets("<gap 7>", "dy", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		"lost #1 0", `head 9+18 #3-3 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #3"}},
	{name: "gapWhileLost", sent: packets("<gap 7>", "GET /", "<gap 9>", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		"lost #1 0", `head 21+18 #4-4 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #4"}},
	{name: "lostUnknownMethod", sent: packets("<gap 7>", "FETCH / HTTP/1.1\r\n\r\n"), want: []string{"lost #1 0"}},
	{name: "lostStartLineInMidSegment", sent: packets("<gap 7>", "x\r\n\r\nGET / HTTP/1.1\r\n\r\n"), want: []string{"lost #1 0"}},
	{name: "lostStartLineOverSegments", sent: packets("<gap 7>", "GET /", " HTTP/1.1\r\n\r\n"), want: []string{"lost #1 0"}},
	{name: "lostHeadOverSegments", sent: packets("<gap 7>", "GET / HTTP/1.", "1\r\nA: ", "b\r\n\r\n"), want: []string{"lost #1 0"}},
	{name: "lostFieldsOverSegments", sent: packets("<gap 7>", "GET / HTTP/1.1", "\r\nA: ", "b\r\n\r\n"), want: []string{
		"lost #1 0", `head 7+24 #2-4 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:b)`, "complete #4"}},

	{name: "endInHead", sent: packets("GET / HTTP/1.1\r\nHost: a\r\nUpg"), want: []string{
		`head 0+28 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (Host:a) cut=end`}},
	{name: "endInStartLine", kind: Response, sent: packets("HTTP/1.1 10"), want: []string{
		`head 0+11 #1-1 "HTTP/1.1 10" |0| cut=end`}},
	{name: "headTooLong", limits: Limits{HeadOctets: 30}, sent: packets("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\nx", "GET / HTTP/1.1\r\n\r\n"), want: []string{
		`head 0+47 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (Host:a) cut=octets`, "lost #1 47",
		`head 48+18 #2-2 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #2"}},
	{name: "headTooLongInFold", limits: Limits{HeadOctets: 25}, sent: packets("GET / HTTP/1.1\r\nA: b\r\n c d e\r\n\r\n"), want: []string{
		`head 0+32 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:b folded) cut=octets`, "lost #1 32"}},
	{name: "headTooLongSwitching", kind: Response, limits: Limits{HeadOctets: 30}, sent: packets("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\nx"), want: []string{
		`head 0+38 #1-1 "HTTP/1.1 101 x" HTTP/1.1|101|x cut=octets`, "complete #1", "left 1"}},
	{name: "startLineTooLong", limits: Limits{HeadOctets: 10}, sent: packets("GET /" + strings.Repeat("x", 99) + "\r\n\r\n"), want: []string{
		`head 0+108 #1-1 "GET /xxxxx" || cut=octets`, "lost #1 108"}},
	{name: "tooManyFields", limits: Limits{Fields: 2}, sent: packets("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), want: []string{
		`head 0+36 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:1) (B:2) cut=fields`, "lost #1 36"}},
	{name: "asManyFieldsAsAllowed", limits: Limits{Fields: 2}, sent: packets("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n 3\r\n\r\n"), want: []string{
		`head 0+34 #1-1 "GET / HTTP/1.1" GET|/|HTTP/1.1 (A:1) (B:2 3 folded) folded=1`, "complete #1"}},
	{name: "nothing", sent: packets("\r\n\r"), want: nil},
}

func TestParser(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, play(c.kind, c.limits, answers, c.sent)); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitAnywhere(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			length := 0
			for _, p := range c.sent {
				length += len(p.data)
			}
			for i := range length {
				parts := cut(c.sent, func(offset int) bool { return offset == i })
				if diff := cmp.Diff(c.want, play(c.kind, c.limits, answers, parts)); diff != "" {
					t.Fatalf("cut at %d (-want +got):\n%s", i, diff)
				}
			}
			parts := cut(c.sent, func(int) bool { return true })
			if diff := cmp.Diff(c.want, play(c.kind, c.limits, answers, parts)); diff != "" {
				t.Errorf("octet by octet (-want +got):\n%s", diff)
			}
		})
	}
}
