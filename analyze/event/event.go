// Package event is the vocabulary of what was seen: small typed values, one type per kind of event.
//
// Events are made by package analyze, ordered by it, and read by package report; every output is a view of them.
// Values hold what was on the wire, unescaped: who prints them escapes them. EVENTS in the README describes their JSON
// form.
package event

import (
	"crypto/sha256"
	"net/netip"

	"wshake/reassembly"
)

// At is the packet an event is evidenced by.
type At = reassembly.At

// NoTime is the time of a packet whose file holds none, as capture.NoTime.
const NoTime = -1 << 62

// Opt is a value that may not have been seen. The zero Opt was not seen.
type Opt[T any] struct {
	Value T
	Known bool
}

// Some is a value that was seen.
func Some[T any](v T) Opt[T] { return Opt[T]{v, true} }

// Verdict is the outcome of an upgrade attempt.
type Verdict uint8

const (
	Established  Verdict = iota // a correct 101, or 2xx on HTTP/2
	Refused                     // any other final answer
	Invalid                     // switched, but a MUST of the handshake was broken
	Incomplete                  // an answer was not seen
	OtherUpgrade                // an upgrade to something that is not WebSocket
	verdicts
)

// Verdicts is the number of verdicts.
const Verdicts = int(verdicts)

func (v Verdict) String() string {
	return [...]string{"established", "refused", "invalid", "incomplete", "other-upgrade"}[v]
}

// Request is an upgrade request whose answer is not known yet. It is for comparing connections and is not printed.
type Request struct {
	Conn *Conn
	Head *Head
}

// Abrupt is the end of a conversation without a Close, every octet of which was captured. It is for comparing connections
// and is not printed. Times are in ns.
type Abrupt struct {
	Conn  *Conn
	At    At // the packet that ended it
	By    Opt[Side]
	How   string // in words
	Start At     // the packet that completed the handshake
	// Begun says that only the first side has ended so far, and that no more than Conn, At and By are known.
	Begun bool
	// Midstream says that the handshake was not captured.
	Midstream bool
	// Idle is the silence before the end, DataIdle that since the last data frame, Age the time since the handshake.
	Idle, DataIdle, Age int64
	// LongestIdle and LongestDataIdle are the longest such silences before.
	LongestIdle, LongestDataIdle int64
	Controls                     uint64 // control frames since the last data frame, or the handshake
}

// Session is an id that the answer to an ordinary request gave out. It is for comparing connections and is not printed.
type Session struct {
	Conn    *Conn
	At      At // the packet of the answer
	ID      string
	Request string // its request: method and path
}

// Handshake is one upgrade attempt, successful or not, also when only one half was seen.
type Handshake struct {
	Conn      *Conn
	At        At // the packet that completed what was seen of it
	Transport string
	TLS       bool
	SNI, ALPN Opt[string]
	// Request and Response are the heads as sent, nil where not seen. Response is the final answer.
	Request, Response *Head
	Version           Opt[string]
	Key               Opt[string]
	KeyValid          Opt[bool]
	Accept            Opt[string]
	AcceptExpected    Opt[string]
	AcceptValid       Opt[bool]
	ProtocolsOffered  Opt[[]string]
	Protocol          Opt[string]
	ExtensionsOffered Opt[[]string]
	Extensions        Opt[[]string]
	Deflate           *Deflate
	ResponseBody      *Body      // of a refusal, nil where none was captured
	Forwarded         *Forwarded // nil where nothing stood before the request
	Verdict           Verdict
	OtherLeg          *OtherLeg // nil where none was seen
	Findings          []*Finding
	Evidence          Evidence
	TwoClocks         bool // captured its two sides: times between them are not known
}

// Latency is the time from the end of the request to the end of the answer, nanoseconds.
func (h *Handshake) Latency() (ns int64, known bool) {
	if h.Request == nil || h.Response == nil || h.At.Time == NoTime || h.TwoClocks {
		return 0, false
	}
	return h.Response.Last.Time - h.Request.Last.Time, true
}

// Body is the beginning of a refusal's body.
type Body struct {
	Text   string // decoded by its content coding and charset, where IsText
	IsText bool
	Octets []byte // as sent, without chunks
}

// OtherLeg is another connection that carries the same attempt.
type OtherLeg struct {
	Conn  *Conn
	Role  LegRole
	Again bool // of a copy: the other was told before
}

// LegRole says what the other connection is.
type LegRole uint8

const (
	DownstreamLeg LegRole = iota // the leg toward the client
	UpstreamLeg                  // the leg toward the backend
	CopyLeg                      // the same connection, captured at another place
)

func (r LegRole) String() string { return [...]string{"front", "back", "copy"}[r] }

// Forwarded is what stood before the request of a connection and whom it names. What it does not name is not known.
type Forwarded struct {
	Protocol       string      // "proxy-v1", "proxy-v2", "socks4", "socks5" or "connect"
	Client, Server Opt[string] // host:port
}

// EarlyKept is how much of what a client sent too early is kept as evidence, octets.
const EarlyKept = 256

// InterimKept is how many 1xx answers to a request are kept as evidence: no more are of use.
const InterimKept = 16

// Evidence is what else was seen around a handshake. It is judged, not printed.
type Evidence struct {
	Interim []*Head // 1xx answers before the final one, the first InterimKept of them
	// Early are client octets that came behind the request before the answer was sent, at most EarlyKept of them; EarlyAt
	// is the packet of their first.
	Early   []byte
	EarlyAt At
	Body    []byte // the first octets of a refusal's body
	// NotHTTP are the first octets of an answer that is not HTTP, or of the FramesBefore frames that were sent before
	// an answer.
	NotHTTP      []byte
	NotHTTPAt    At
	FramesBefore int
	Doubtful     *Doubtful // before the request on its connection, nil where there was none
	// Silent says that the connection ended without an answer, and that this is certain: no octet from the server was
	// missed.
	Silent *Silence
	// ConnectProtocol is where the server of HTTP/2 allowed extended CONNECT by its SETTINGS (RFC 8441 §3), if it did;
	// unknown where not all of its SETTINGS so far were captured.
	ConnectProtocol Opt[Opt[At]]
	// Legal says that every rule of the handshake was checked, and holds.
	Legal bool
	// ResetCode is the error code of the RST_STREAM that ended the stream, by name. Stopped says that it is that of
	// QUIC's STOP_SENDING, which the other side answered by ending the stream.
	ResetCode Opt[string]
	Stopped   bool
}

// NoConnect is a connection of HTTP/2 or HTTP/3 whose server's SETTINGS do not allow WebSockets on streams (RFC 8441
// §3, RFC 9220 §3), or a connection of TCP that the server refused. It is for those who compare connections.
type NoConnect struct {
	Ordinal uint64            // of the connection
	First   At                // its first packet
	Peer    [2]netip.AddrPort // by side
	At      At                // the packet of the SETTINGS, or of the RST
	Refused bool              // its SYN was answered by RST
	QUIC    bool              // it is one of HTTP/3
	TLS     bool
	SNI     Opt[string]
}

// Silence is an end without an answer.
type Silence struct {
	At    At
	By    Side
	Reset bool // by RST, else by FIN
	// Stream says that the stream of HTTP/2 or HTTP/3 ended, and not its connection.
	Stream bool
}

// Deflate holds the effective parameters of permessage-deflate (RFC 7692 §7.1).
type Deflate struct {
	WindowBits        [2]int  // of the messages that Client, Server sends
	NoContextTakeover [2]bool // likewise
}

// Frame is one WebSocket frame (RFC 6455 §5.2).
type Frame struct {
	Conn     *Conn
	At       At // the packet that held its last octet
	From     Side
	Header   Header
	First    At
	Offset   uint64 // of the frame in its direction's octets after the handshake
	Complete bool
	// Close body, with opcode close
	Code    Opt[uint16]
	Reason  Opt[string]
	Payload Payload
}

// Message is one complete or broken-off data message.
type Message struct {
	Conn       *Conn
	At         At
	From       Side
	Opcode     Opcode
	Length     Opt[uint64] // after inflating
	Unknown    uint64      // of the octets inflated: unknown, because they repeat octets that were not captured
	WireLength uint64
	Frames     int
	Compressed bool
	Complete   bool
	First      At
	SHA256     Opt[[32]byte]
	Undigested bool   // SHA256 is not made yet (Config.DigestLate): Digest makes it
	Kind       string // "" where not sure
	App        *App   // what it says, in words; nil where that was not asked for or is not known
	Payload    Payload
	Matches    []Match // of Config.Search
	MoreFound  uint64  // matches beyond those
}

// Digest makes the SHA256 of a message that was left out.
func (m *Message) Digest() {
	if m.Undigested {
		m.SHA256, m.Undigested = Some(sha256.Sum256(m.Payload.Data)), false
	}
}

// Match is a place in a message where what was searched for was found.
type Match struct {
	Offset        uint64 // of it in the message, inflated
	At            At     // the packet that held its last octet
	Text          []byte
	Before, After []byte // what stands around it
}

// Payload is what Config.Payload asked to keep of a frame or message.
type Payload struct {
	Kept      bool // payload was asked for
	Text      bool // Data belongs to a text message or frame
	Data      []byte
	Unknown   []Range // of Data, in order: octets that are not known, 0 in Data
	Truncated bool
	// Limited says that it was truncated by the memory that all payload together may take, and not where it was asked to be.
	Limited bool
}

// Range is a run of octets.
type Range struct{ Offset, Length uint64 }

// Ended says how a connection ended.
type Ended uint8

const (
	EndedClose       Ended = iota // Close frames both ways
	EndedFIN                      // TCP closed without
	EndedReset                    // RST
	EndedTimeout                  // idle beyond the limit, or given up by a limit
	EndedCaptureEnd               // the capture ends first
	EndedStreamReset              // RST_STREAM, of a stream of HTTP/2
)

func (e Ended) String() string {
	return [...]string{"close-handshake", "fin", "reset", "timeout", "capture-end", "stream-reset"}[e]
}

// Close is the first Close frame of a connection.
type Close struct {
	From     Side
	Code     Opt[uint16]
	Reason   Opt[string]
	Answered bool
}

// SideCount is what one side sent after the handshake.
type SideCount struct {
	Frames, Messages                  uint64
	PayloadBytes, WireBytes, GapBytes uint64
}

// RTT sums up ping round trips in microseconds.
type RTT struct{ Min, Median, Max int64 }

// Connection is the account of one connection, made at its end.
type Connection struct {
	Conn        *Conn
	At          At
	Last        At   // its last packet
	WebSocket   bool // frames were or could have been exchanged
	Packets     uint64
	Bytes       uint64 // on the wire, headers included
	Duration    int64  // ns
	Ended       Ended
	EndedBy     Opt[Side]
	ResetCode   Opt[string] // with EndedStreamReset: the error code, by name
	Stopped     bool        // with EndedStreamReset: by STOP_SENDING of QUIC
	EndStream   bool        // with EndedFIN: a stream of HTTP/2 ended, not TCP
	Close       *Close
	LongestIdle Opt[int64] // ns between frames
	Pings       uint64
	PingRTT     *RTT
	Sides       [2]SideCount
	TLS         *TLS // nil where the connection is none of TLS
	// Moved are the pairs of ends that the connection had beside Conn.Peer: QUIC's client may change its own (RFC 9000 §9).
	Moved    [][2]netip.AddrPort
	Caveats  []string
	Findings []string
}

// TLS says what is known of the TLS of a connection: what its hellos tell. What was not seen is empty.
type TLS struct {
	Decrypted bool // something could be read, or there was nothing to decrypt
	// Client and Server say whether their hellos were captured.
	Client, Server bool
	SNI            string   // the host name asked for
	ALPNOffered    []string // nil where the extension is missing
	ALPN           string   // the protocol chosen, "" where none was or that is encrypted
	Version, Suite string   // chosen
	Resumed        Opt[bool]
	Names          []string // in the server's certificate
	JA3, JA4       string   // of the first ClientHello
}

// Level orders findings by the standard's verb: MUST, SHOULD, the rest.
type Level uint8

const (
	Note Level = iota
	Warning
	Error
	levels
)

// Levels is the number of levels.
const Levels = int(levels)

func (l Level) String() string { return [...]string{"note", "warning", "error"}[l] }

// Fault names who broke the rule.
type Fault uint8

const (
	NoFault Fault = iota
	ClientFault
	ServerFault
	MiddleboxFault
)

func (f Fault) String() string { return [...]string{"", "client", "server", "middlebox"}[f] }

// FaultOf is the fault of a side.
func FaultOf(s Side) Fault { return ClientFault + Fault(s) }

// Finding is one broken rule, evidenced by a packet.
type Finding struct {
	Conn    *Conn
	At      At
	Host    string   // that the upgrade of the connection asked for, "" where it is not known; not printed by itself
	Follows *Cause   // the finding that this one is a consequence of; nil for a root
	Causes  []string // names of findings that it may be a consequence of, the likeliest first; not printed
	ID      string
	Name    string
	Level   Level
	Fault   Fault
	Text    string // one sentence with the values
	Seen    string
	Wanted  string
	Section string
	Advice  string
}

// Cause names a finding of a connection that others follow from.
type Cause struct {
	Conn *Conn
	Name string
}

// Caveat says where our sight was limited.
type Caveat struct {
	Conn  *Conn
	At    At
	Name  string
	Text  string
	Bytes Opt[uint64]
	// Omitted counts findings or caveats that have no events of their own, nil where the caveat is another.
	Omitted *Omitted
}

// Omitted are findings of one connection and check, or caveats of one connection and name, beyond those that are told.
type Omitted struct {
	Check       string // the name of the check or caveat
	Count       uint64
	First, Last At
}

// Summary is the account of a run.
type Summary struct {
	Files               []string
	Packets, Bytes      uint64
	FirstTime, LastTime Opt[int64]
	Connections         uint64 // TCP connections seen
	TLS                 Secured
	QUIC                Datagrams
	WebSocket           uint64 // those with an established, invalid or mid-stream WebSocket
	Handshakes          [Verdicts]uint64
	Frames, Messages    uint64
	Findings            [Levels]uint64
	Caveats             map[string]uint64
	Hosts               []Host   // those with the most attempts that came to nothing first
	Unread              []Unread // largest first
	Spoken              []Spoken // of TCP connections that carry no WebSocket and no TLS, the most frequent first
	Shortened           Shortened
	Dropped             *Dropped
	Elapsed             int64 // ns
}

// Host is what came of the upgrade attempts at one host.
type Host struct {
	Name     string // as asked for, in lower case; of the back leg of a proxy with the backend's address
	Attempts uint64
	Verdicts [Verdicts]uint64
	Statuses []StatusCount // of the refusals, the most frequent first
	Latency  *Latency      // from request to answer; nil where none is known
	Findings [Levels]uint64
}

// OtherHosts is the name of those beyond what is told apart.
const OtherHosts = "other hosts"

// StatusCount is how often a status came.
type StatusCount struct {
	Status int
	Count  uint64
}

// Latency is percentiles of durations, µs.
type Latency struct{ P50, P90, P99, Max int64 }

// Failed is how many attempts came to nothing.
func (h *Host) Failed() uint64 {
	return h.Attempts - h.Verdicts[Established] - h.Verdicts[OtherUpgrade]
}

// AllRefused says that attempts were refused and none was anything else.
func (h *Host) AllRefused() bool { return h.Attempts > 0 && h.Verdicts[Refused] == h.Attempts }

// Unread counts packets of one kind that were not looked into.
type Unread struct {
	What           string // "WireGuard (UDP 51820)"
	Packets, Bytes uint64
	Why            Hidden
}

// Spoken counts TCP connections by what they speak.
type Spoken struct {
	What        string // "SSH"
	Connections uint64
	Unread      bool // it was not looked into
	Unknown     bool // and may have been a WebSocket
}

// Hidden says what keeps a reader from seeing WebSockets in packets.
type Hidden uint8

const (
	NothingHidden Hidden = iota // the protocol is known and carries none: ARP, DNS
	HiddenUnknown               // a protocol that is not read
	HiddenTunnel                // encrypted on the way: WireGuard, IPsec
	HiddenLink                  // encrypted on the link: IEEE 802.11, MACsec
	HiddenQUIC                  // HTTP/3
	HiddenDamage                // headers that are damaged or cut off
)

// Shortened counts packets that the snap length cut, and the octets missing in them.
type Shortened struct{ Packets, Missing uint64 }

// Secured counts TLS connections: Undecrypted are those of which nothing could be read, Late those of them that began
// before the capture, Half those of which one direction was captured.
type Secured struct {
	Decrypted, Undecrypted, Late, Half uint64
	KeyLog                             bool // there were secrets
}

// Datagrams counts connections of QUIC: Undecrypted are those of which no stream could be read.
type Datagrams struct{ Decrypted, Undecrypted uint64 }

// Dropped counts packets that a live source lost.
type Dropped struct{ Kernel, Interface uint64 }
