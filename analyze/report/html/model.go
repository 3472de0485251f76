package html

import (
	"wshake/analyze/event"
	"wshake/analyze/report"
)

// model is what the page knows, as JSON. Times are nanoseconds since Base; what was not seen is null or left out;
// lists of items are columns, one entry per item, because that packs best.
type model struct {
	// Base is in ns since the epoch, UTC, in decimal: beyond what a JavaScript number holds exactly.
	Base         string           `json:"base"`
	Files        []string         `json:"files"`
	Untimed      uint64           `json:"untimed,omitempty"` // times that the files do not hold
	Redacted     bool             `json:"redacted"`
	Served       bool             `json:"served,omitempty"` // payloads are not in the page, but asked for
	Summary      *summary         `json:"summary"`          // null where the run was interrupted
	PayloadLimit int              `json:"payload_limit"`
	Rest         rest             `json:"rest"`
	Connections  []*connection    `json:"connections"`
	Handshakes   []*handshake     `json:"handshakes"`
	Legs         [][2]int         `json:"legs"` // of a proxy: indexes of the handshakes in front of it and behind it
	Groups       []*group         `json:"groups"`
	Findings     []*finding       `json:"findings"`
	Caveats      []*caveatGroup   `json:"caveats"`
	Items        items            `json:"items"`
	Density      *densityModel    `json:"density"` // of all messages
	Opened       *densityModel    `json:"opened"`  // client: handshakes that were established; server: that were not
	Hosts        []*hostCount     `json:"hosts"`
	Verdicts     map[string]int64 `json:"verdicts"`
	Latency      latencies        `json:"latency"`
}

// rest counts what is not listed because a limit was reached.
type rest struct {
	Items       uint64 `json:"items"`
	Handshakes  uint64 `json:"handshakes"`
	Connections uint64 `json:"connections"`
	Findings    uint64 `json:"findings"`
	Payloads    uint64 `json:"payloads"` // messages without their payload, though asked for
	Heads       uint64 `json:"heads"`    // handshakes without their heads
	Words       uint64 `json:"words"`    // messages that are not told in words, though they could be
	Hosts       uint64 `json:"hosts"`
}

type summary struct {
	Packets     uint64            `json:"packets"`
	Bytes       uint64            `json:"bytes"`
	First       *int64            `json:"first"`
	Last        *int64            `json:"last"`
	Connections uint64            `json:"connections"`
	WebSocket   uint64            `json:"websocket"`
	TLS         [2]uint64         `json:"tls"`  // decrypted, not decrypted
	QUIC        [2]uint64         `json:"quic"` // likewise
	Handshakes  map[string]uint64 `json:"handshakes"`
	Frames      uint64            `json:"frames"`
	Messages    uint64            `json:"messages"`
	Findings    map[string]uint64 `json:"findings"`
	Caveats     map[string]uint64 `json:"caveats"`
	Dropped     *[2]uint64        `json:"dropped"` // by the kernel, by the interface
	Unread      []unread          `json:"unread,omitempty"`
}

// unread are packets of a protocol that is not read, most packets first.
type unread struct {
	What    string `json:"what"`
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
}

type connection struct {
	Number    uint64        `json:"n"`
	Stream    *uint64       `json:"stream,omitempty"` // of HTTP/2 or HTTP/3
	Client    string        `json:"client"`
	Server    string        `json:"server"`
	Midstream bool          `json:"midstream,omitempty"`
	Guessed   bool          `json:"guessed,omitempty"`
	First     int64         `json:"first"` // of what was seen of it
	Last      int64         `json:"last"`
	File      int           `json:"file,omitempty"`
	Over      bool          `json:"over,omitempty"` // its account follows
	Packets   uint64        `json:"packets,omitempty"`
	Bytes     uint64        `json:"bytes,omitempty"`
	Ended     string        `json:"ended,omitempty"`
	EndedBy   string        `json:"ended_by,omitempty"`
	Close     *closing      `json:"close,omitempty"`
	Idle      *int64        `json:"idle,omitempty"`
	Pings     uint64        `json:"pings,omitempty"`
	RTT       *[3]int64     `json:"rtt_us,omitempty"` // min, median, max
	Sides     [2][5]uint64  `json:"sides"`            // frames, messages, payload, wire, gap octets
	TLS       *secured      `json:"tls,omitempty"`
	Caveats   []string      `json:"caveats,omitempty"`
	Gaps      [][3]int64    `json:"gaps,omitempty"` // time, octets, packet
	Density   *densityModel `json:"density,omitempty"`
	Unlisted  uint64        `json:"unlisted,omitempty"` // items that are only counted in Density
	density   *density
}

type secured struct {
	Decrypted bool   `json:"decrypted"`
	Version   string `json:"version,omitempty"`
	Suite     string `json:"suite,omitempty"`
	SNI       string `json:"sni,omitempty"`
	ALPN      string `json:"alpn,omitempty"`
}

type closing struct {
	From     string  `json:"from"`
	Code     *uint16 `json:"code"`
	Reason   *string `json:"reason"`
	Answered bool    `json:"answered"`
}

type handshake struct {
	Connection int       `json:"c"` // index, -1 where it is not listed
	Number     uint64    `json:"n"` // of the connection
	Stream     *uint64   `json:"stream,omitempty"`
	Client     string    `json:"client"`
	Server     string    `json:"server"`
	Time       int64     `json:"t"` // when it began
	Packet     uint64    `json:"packet"`
	File       int       `json:"file,omitempty"`
	Transport  string    `json:"transport"`
	TLS        bool      `json:"tls,omitempty"`
	SNI        *string   `json:"sni,omitempty"`
	ALPN       *string   `json:"alpn,omitempty"`
	Verdict    string    `json:"verdict"`
	Status     int       `json:"status,omitempty"`
	Host       string    `json:"host"`
	Path       string    `json:"path"`
	Latency    *int64    `json:"latency,omitempty"` // ns
	Request    *head     `json:"request"`
	Response   *head     `json:"response"`
	Version    *string   `json:"version,omitempty"`
	Key        *string   `json:"key,omitempty"`
	KeyValid   *bool     `json:"key_valid,omitempty"`
	Accept     *string   `json:"accept,omitempty"`
	Expected   *string   `json:"accept_expected,omitempty"`
	AcceptOK   *bool     `json:"accept_valid,omitempty"`
	Offered    *[]string `json:"protocols_offered,omitempty"`
	Protocol   *string   `json:"protocol,omitempty"`
	Extensions *[]string `json:"extensions,omitempty"`
	Asked      *[]string `json:"extensions_offered,omitempty"`
	Deflate    *deflate  `json:"deflate,omitempty"`
	Body       *string   `json:"body,omitempty"` // the beginning of a refusal's body
	// Forwarded is what stood before the request; CopyOf is the connection that carries the same octets, captured
	// at another place.
	Forwarded *forwarded `json:"forwarded,omitempty"`
	CopyOf    *uint64    `json:"copy_of,omitempty"`
	Findings  []int      `json:"findings,omitempty"` // indexes of groups
	id        connID
	leg       report.Leg
}

// forwarded are the peers that a PROXY header, SOCKS or CONNECT named.
type forwarded struct {
	Protocol string  `json:"protocol"`
	Client   *string `json:"client,omitempty"`
	Server   *string `json:"server,omitempty"`
}

type deflate struct {
	Bits       [2]int  `json:"bits"`        // of client, server
	NoTakeover [2]bool `json:"no_takeover"` // likewise
}

// head is a message head as it was sent.
type head struct {
	Line   string      `json:"line"`
	Fields [][2]string `json:"fields"`
	Odd    []string    `json:"odd,omitempty"` // what is unusual about its form
	First  int64       `json:"first"`
	Last   int64       `json:"last"`
	Packet uint64      `json:"packet"`
	Left   bool        `json:"left,omitempty"` // left out of the page by a limit
}

// group is all findings of one check.
type group struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Level   string `json:"level"`
	Section string `json:"section,omitempty"`
	Count   uint64 `json:"count"`
	Root    bool   `json:"root,omitempty"` // names a hop between, which explains others
	index   int
}

type finding struct {
	Group      int    `json:"g"`
	Connection int    `json:"c"`
	Number     uint64 `json:"n,omitempty"`
	Time       int64  `json:"t"`
	Packet     uint64 `json:"packet"`
	File       int    `json:"file,omitempty"`
	Fault      string `json:"fault,omitempty"`
	Text       string `json:"text"`
	Seen       string `json:"seen,omitempty"`
	Wanted     string `json:"wanted,omitempty"`
	Advice     string `json:"advice,omitempty"`
	Follows    string `json:"follows,omitempty"` // name of the finding that this one is a consequence of
}

type caveatGroup struct {
	Name   string    `json:"name"`
	Count  uint64    `json:"count"`
	Octets uint64    `json:"octets,omitempty"`
	Cases  []*caveat `json:"cases"`
}

type caveat struct {
	Connection int     `json:"c"`
	Number     uint64  `json:"n,omitempty"`
	Packet     uint64  `json:"packet,omitempty"`
	File       int     `json:"file,omitempty"`
	Text       string  `json:"text"`
	Octets     *uint64 `json:"octets,omitempty"`
}

// items are messages and control frames in the order of the run.
type items struct {
	Connection []int32  `json:"c"`
	Time       []int64  `json:"t"`  // in the model: difference to the item before
	Packet     []int64  `json:"p"`  // likewise
	Back       []int32  `json:"b"`  // packets back to the one of the first octet
	File       []int32  `json:"f"`  // nil where there is one file
	Shape      []uint16 `json:"s"`  // see shape
	Length     []int64  `json:"l"`  // octets after inflating, -1 where not known
	Wire       []int64  `json:"w"`  // octets on the wire; difference to Length
	Frames     []int32  `json:"fr"` // of a message; 0 for control frames
	Kept       []int32  `json:"k"`  // octets of payload in the page
	Kind       []int32  `json:"kind"`
	Kinds      []string `json:"kinds"`
	// Close frames have a code; the map is from the item's index.
	Closes map[int]*closing `json:"closes,omitempty"`
	// Said are messages in words, by the item's index.
	Said map[int]string `json:"said,omitempty"`
	// Unknown are the octets of a payload that are not known, by the item's index.
	Unknown map[int][]event.Range `json:"unknown,omitempty"`
}

// Bits of an item's shape, above the four of the opcode.
const (
	shapeServer = 1 << (4 + iota)
	shapeCompressed
	shapeIncomplete
	shapeTruncated // the payload in the page is not the whole
	shapeText
	shapeUnmasked
	shapeFragment // FIN is not set
	shapeAsked    // the payload was asked for; with no octet kept, a limit left it out
)

// hostCount sums up the attempts at one host.
type hostCount struct {
	Name     string           `json:"name"`
	Attempts uint64           `json:"attempts"`
	Outcome  map[string]int64 `json:"outcome"` // by status, or by verdict where there is none
	Failed   uint64           `json:"failed"`
}

// latencies counts answers by how long they took, in buckets of a tenth of a decade from 1 µs on.
type latencies struct {
	Counts []uint64 `json:"counts"`
}
