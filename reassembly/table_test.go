package reassembly

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const handshake = `
> SYN 0
< SYN 0 ack 1
> 1 ack 1
`

// Packets 1 to 3 are the handshake where the script begins with it.
var oddities = []struct {
	name, script, want string
}{
	{"in order", handshake + `
		> 1 ack 1 hello
		< 1 ack 6 world
		> 6 ack 6 FIN
		< 6 ack 7 FIN
		> 7 ack 7`, `
		open @1 SYN
		> hello @4
		< world @5
		> FIN @6
		< FIN @7`},
	{"nothing but a handshake is never opened", handshake + `
		> 1 ack 1 FIN
		< 1 ack 2 FIN
		close`, ``},
	{"closed port", `
		> SYN 0
		< RST 0 ack 1
		close`, ``},
	{"capture ends", handshake + `
		> 1 hello
		close`, `
		open @1 SYN
		> hello @4
		> capture ends @4
		< capture ends @4`},
	{"half close", handshake + `
		> 1 bye FIN
		< 1 ack 5 still
		< 6 ack 5 here FIN
		> 5 ack 11`, `
		open @1 SYN
		> bye @4
		> FIN @4
		< still @5
		< here @6
		< FIN @6`},

	// Order.
	{"swapped", handshake + `
		> 4 lo
		> 1 hel`, `
		open @1 SYN
		> hel @5
		> lo @4`},
	{"reversed", handshake + `
		> 5 e
		> 4 d
		> 3 c
		> 2 b
		> 1 a`, `
		open @1 SYN
		> a @8
		> b @7
		> c @6
		> d @5
		> e @4`},
	{"two holes", handshake + `
		> 3 c
		> 5 e
		> 1 a
		> 4 d
		> 2 b`, `
		open @1 SYN
		> a @6
		> b @8
		> c @4
		> d @7
		> e @5`},
	{"retransmitted", handshake + `
		> 1 hello
		> 1 hello
		> 6 world`, `
		open @1 SYN
		> hello @4
		> world @6`},
	{"retransmitted with more behind", handshake + `
		> 1 hello
		> 4 loworld`, `
		open @1 SYN
		> hello @4
		> world @5`},
	{"retransmitted while queued", handshake + `
		> 3 cd
		> 3 cd
		> 1 ab`, `
		open @1 SYN
		> ab @6
		> cd @4`},
	{"overlap around a queued segment", handshake + `
		> 3 cd
		> 1 abcdef`, `
		open @1 SYN
		> ab @5
		> cd @4
		> ef @5`},
	{"overlap of two queued segments", handshake + `
		> 2 b
		> 4 d
		> 2 bcde
		> 1 a`, `
		open @1 SYN
		> a @7
		> b @4
		> c @6
		> d @5
		> e @6`},
	{"fill overlaps both ends of the hole", handshake + `
		> 1 ab
		> 5 ef
		> 2 bcde`, `
		open @1 SYN
		> ab @4
		> cd @6
		> ef @5`},

	// Conflicts.
	{"conflict with the delivered copy", handshake + `
		> 1 GET
		> 1 PUT`, `
		open @1 SYN
		> GET @4
		> conflict 0 GET PUT @5`},
	{"conflict with the queued copy", handshake + `
		> 4 xyz
		> 3 cXyZ
		> 1 ab`, `
		open @1 SYN
		> ab @6
		> c @5
		> xyz @4
		> conflict 3 xyz XyZ @5`},
	{"conflict of a fill", handshake + `
		> 3 cd
		> 1 abCd
		> 5 e`, `
		open @1 SYN
		> ab @5
		> cd @4
		> conflict 2 cd Cd @5
		> e @6`},
	{"a gap is not compared", handshake + `
		> 1 ab
		> 5 ef
		wait 3s
		> 1 xxxx
		> 5 eF`, `
		open @1 SYN
		> ab @4
		> gap 2 @5
		> ef @5
		> conflict 5 f F @7`},

	// Probes.
	{"keep-alive without octets", handshake + `
		> 1 hello
		> 5 ack 1
		> 6 world`, `
		open @1 SYN
		> hello @4
		> world @6`},
	{"keep-alive with an arbitrary octet", handshake + `
		> 1 hello
		> 5 X
		> 6 world`, `
		open @1 SYN
		> hello @4
		> world @6`},
	{"keep-alive before anything", handshake + `
		> 0 X
		> 1 hello`, `
		open @1 SYN
		> hello @5`},
	{"zero window probe, taken", handshake + `
		> 1 hello
		> 6 w
		> 6 w
		> 7 orld`, `
		open @1 SYN
		> hello @4
		> w @5
		> orld @7`},
	{"zero window probe, refused and sent again", handshake + `
		> 1 hello
		> 6 w
		> 6 world`, `
		open @1 SYN
		> hello @4
		> w @5
		> orld @6`},

	// Beginnings.
	{"SYN repeated", `
		> SYN 0
		> SYN 0
		< SYN 0 ack 1
		< SYN 0 ack 1
		> 1 ack 1 hello
		> SYN 0
		> 6 x`, `
		open @1 SYN
		> hello @5
		> x @7`},
	{"another attempt with another number", `
		> SYN 0
		reuse 50
		> SYN 0
		< SYN 0 ack 1
		> 1 ack 1 hello`, `
		open @2 SYN
		> hello @4`},
	{"answered again with another number (SYN cookies)", `
		> SYN 0
		< SYN 0 ack 1
		< SYN 500 ack 1
		> 1 ack 501 hello
		< 501 ack 6 world`, `
		open @1 SYN
		> hello @4
		< world @5`},
	{"data on the SYN", `
		> SYN 0 hello
		< SYN 0 ack 6
		> 6 ack 1 world`, `
		open @1 SYN
		> hello @1
		> world @3`},
	{"data on the SYN, not accepted", `
		> SYN 0 hello
		< SYN 0 ack 1
		> 1 ack 1 helloworld`, `
		open @1 SYN
		> hello @1
		> world @3`},
	{"data on the SYN, captured late", `
		< SYN 0 ack 6
		> SYN 0 hello
		> 6 ack 1 world`, `
		open @1 SYN
		> hello @2
		> world @3`},
	{"data on the SYN, captured after the answer to it", `
		< SYN 0 ack 6
		< 1 ack 6 world
		> SYN 0 hello
		> 6 ack 6 more`, `
		open @1 SYN
		< world @2
		> hello @3
		> more @4`},
	{"data on the SYN+ACK", `
		> SYN 0
		< SYN 0 ack 1 banner
		> 1 ack 7 hello`, `
		open @1 SYN
		< banner @2
		> hello @3`},
	{"simultaneous open", `
		> SYN 0
		< SYN 0
		> SYN 0 ack 1
		< SYN 0 ack 1
		< 1 ack 1 world
		> 1 ack 6 hello`, `
		open @1 SYN
		< world @5
		> hello @6`},
	{"the server's SYN+ACK alone", `
		< SYN 0 ack 1
		> 1 ack 1 hello
		< 1 ack 6 world`, `
		open @1 SYN
		> hello @2
		< world @3`},
	{"the client's SYN alone", `
		> SYN 0
		> 1 ack 1 hello
		< 1 ack 6 world
		close`, `
		open @1 SYN
		> hello @2
		< world @3
		> capture ends @3
		< capture ends @3`},
	{"the client's SYN alone, the first answer lost", `
		> SYN 0
		> 1 ack 1 hello
		< 4 ack 6 world
		wait 3s
		wait 3s`, `
		open @1 SYN
		> hello @2
		< gap 3 @3
		< world @3`},
	{"SYN late", `
		> 1 ack 1 hello
		< SYN 0 ack 1
		> SYN 0`, `
		open @1 SYN
		> hello @1`},
	{"SYN late behind both sides", `
		< 1 ack 6 world
		> 1 ack 1 hello
		> SYN 0
		< SYN 0 ack 1`, `
		open @1 SYN
		> hello @2
		< world @1`},
	{"mid-stream", `
		> 1001 ack 501 hello
		< 501 ack 1006 world
		wait 2s
		> 1006 ack 506 more`, `
		open @1 midstream
		> hello @1
		< world @2
		> more @3`},
	{"mid-stream, the server first", `
		< 501 ack 1001 world
		> 1001 ack 506 hello
		wait 2s`, `
		open @1 midstream
		< world @1
		> hello @2`},
	{"mid-stream, out of order", `
		> 1003 lo
		> 1001 he
		wait 2s`, `
		open @1 midstream
		> he @2
		> lo @1`},
	{"mid-stream, followed for a while", `
		> 1001 ack 501
		pause 10s
		< 501 ack 1001 world
		> 1001 ack 506 hello`, `
		open @1 midstream
		< world @2
		> hello @3`},
	{"mid-stream, the capture ends", `
		> 1001 ack 501 hello
		close`, `
		open @1 midstream
		> hello @1
		> capture ends @1
		< capture ends @1`},
	{"mid-stream, keep-alive first", `
		> 1000 ack 501
		< 501 ack 1001
		> 1001 ack 501 hello
		wait 2s`, `
		open @1 midstream
		> hello @3`},
	{"mid-stream, keep-alive with an octet first", `
		< 501 ack 1001
		> 1000 ack 501 X
		> 1001 ack 501 hello
		wait 2s`, `
		open @1 midstream
		> hello @3`},
	{"mid-stream, much", `
		> 1001 ` + strings.Repeat("x", maxHeld) + `
		> 17385 y`, `
		open @1 midstream
		> ` + strings.Repeat("x", maxHeld) + ` @1
		> y @2`},
	{"mid-stream FIN", `
		> 1001 ack 501 hello FIN
		< 501 ack 1007 FIN
		wait 2s`, `
		open @1 midstream
		> hello @1
		> FIN @1
		< FIN @2`},
	{"mid-stream forged RST, behind which its sender goes on while the beginning is waited for", `
		> 1 ack 1 GET
		> RST 4
		> 4 ack 1 more
		< 1 ack 8 HTTP
		wait 2s
		close`, `
		open @1 midstream
		> GET @1
		> more @3
		< HTTP @4
		> capture ends @4
		< capture ends @4`},
	{"mid-stream RST", `
		> 1001 ack 501 hello
		< RST 501
		wait 2s`, `
		open @1 midstream
		< RST @2
		> hello @1
		> peer RST @2`},

	// Ends.
	{"FIN early", handshake + `
		> 6 FIN
		> 1 hello
		< 1 ack 7`, `
		open @1 SYN
		> hello @5
		> FIN @4`},
	{"FIN early on data", handshake + `
		> 4 lo FIN
		> 1 hel
		< 1 ack 7`, `
		open @1 SYN
		> hel @5
		> lo @4
		> FIN @4`},
	{"FIN behind a hole", handshake + `
		> 1 hel
		> 6 FIN
		wait 3s`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> FIN @5`},
	{"FIN repeated", handshake + `
		> 1 x FIN
		< 1 ack 3 y FIN
		> 1 x FIN
		< 1 y FIN
		> 3 ack 3
		pause 50s
		> 1 x FIN
		close`, `
		open @1 SYN
		> x @4
		> FIN @4
		< y @5
		< FIN @5`},
	{"FIN without an answer", handshake + `
		> 1 x FIN
		< 1 y
		wait 1s
		< 2 z
		wait 2s`, `
		open @1 SYN
		> x @4
		< y @5
		< z @6
		> FIN @4`},
	{"FIN of another", handshake + `
		> 1 x
		> 2 FIN
		> 2 more
		< 1 ack 6 seen
		> 6 FIN
		< 5 ack 7 FIN
		> 7 ack 6`, `
		open @1 SYN
		> x @4
		> more @6
		< seen @7
		> FIN @8
		< FIN @9`},
	{"FIN of another, octets behind it acknowledged and lost", handshake + `
		> 1 x FIN
		< 1 ack 9 seen
		> 9 on
		wait 3s`, `
		open @1 SYN
		> x @4
		< seen @5
		> gap 7 @6
		> on @6`},
	{"FIN of before", handshake + `
		> 1 hello
		> 3 FIN
		> 6 x`, `
		open @1 SYN
		> hello @4
		> x @6`},
	{"FIN that its sender did not send", handshake + `
		> 6 FIN
		> 8 xyz
		> 1 hellowo`, `
		open @1 SYN
		> hellowo @6
		> xyz @5`},
	{"octets after the end", handshake + `
		> 1 x FIN
		> 3 y`, `
		open @1 SYN
		> x @4
		> FIN @4`},
	{"RST", handshake + `
		> 1 hello
		> RST 6
		wait 3s`, `
		open @1 SYN
		> hello @4
		> RST @5
		< peer RST @5`},
	{"RST of the receiver", handshake + `
		> 1 hello
		< RST 1 ack 6
		wait 3s`, `
		open @1 SYN
		> hello @4
		< RST @5
		> peer RST @5`},
	{"RST of the receiver, who had acknowledged more than was captured", handshake + `
		> 1 hel
		< 1 ack 11 world
		< RST 6
		wait 3s`, `
		open @1 SYN
		> hel @4
		< world @5
		< RST @6
		> gap 7 @6
		> peer RST @6`},
	{"RST out of the window", handshake + `
		> 1 hello
		> RST 2000000
		> RST 2
		> 6 world`, `
		open @1 SYN
		> hello @4
		> world @7`},
	{"RST where the receiver is, behind what was captured", handshake + `
		> 1 hello
		< 1 ack 3
		> RST 3
		wait 3s`, `
		open @1 SYN
		> hello @4
		> RST @6
		< peer RST @6`},
	{"RST early", handshake + `
		> RST 6
		> 1 hello`, `
		open @1 SYN
		> hello @5
		> RST @4
		< peer RST @4`},
	{"RST behind a hole", handshake + `
		> 1 hel
		> RST 6
		wait 3s`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> RST @5
		< peer RST @5`},
	{"RST at the hole", handshake + `
		> 1 hel
		> 6 x
		> RST 4
		wait 3s`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> x @5
		> RST @6
		< peer RST @6`},
	{"RST injected ahead", handshake + `
		> RST 8
		> 1 hello
		> 6 world`, `
		open @1 SYN
		> hello @5
		> world @6`},
	{"RST after FIN", handshake + `
		> 1 hello FIN
		< 1 ack 7 world
		> RST 7
		< 6 more`, `
		open @1 SYN
		> hello @4
		> FIN @4
		< world @5
		< peer RST @6`},
	{"RST while the other direction has a hole", handshake + `
		< 3 late
		> RST 1
		< 1 ab
		wait 3s`, `
		open @1 SYN
		> RST @5
		< ab @6
		< late @4
		< peer RST @5`},
	{"an end before any octet", handshake + `
		< 1 ack 1 FIN
		> 1 ack 2 hello FIN`, `
		open @1 SYN
		< FIN @4
		> hello @5
		> FIN @5`},

	{"RST forged, both sides go on", handshake + `
		> 1 ack 1 hello
		> RST 6
		> 6 ack 1 world
		< 1 ack 11 yes
		wait 3s
		> 11 ack 4 x`, `
		open @1 SYN
		> hello @4
		> world @6
		< yes @7
		> x @8`},
	{"RST forged in the name of the receiver, both sides go on", handshake + `
		> 1 ack 1 hello
		< RST 1 ack 6
		< 1 ack 6 yes
		> 6 ack 4 world
		wait 3s
		close`, `
		open @1 SYN
		> hello @4
		< yes @6
		> world @7
		> capture ends @7
		< capture ends @7`},
	{"RST, only its receiver sends on", handshake + `
		> 1 ack 1 hello
		> RST 6
		< 1 ack 6 in-flight
		wait 3s`, `
		open @1 SYN
		> hello @4
		> RST @5
		< peer RST @5`},
	{"RST, both sides go on after the end was told", handshake + `
		> 1 ack 1 hello
		> RST 6
		pause 30s
		> 6 ack 1 world
		< 1 ack 11 yes
		> 11 ack 4 more`, `
		open @1 SYN
		> hello @4
		> RST @5
		< peer RST @5
		open @6 midstream
		> world @6
		< yes @7
		> more @8`},
	{"RST before any octet, its sender goes on", handshake + `
		> RST 1
		> 1 ack 1 hello
		< 1 ack 6 world`, `
		open @1 SYN
		> hello @5
		< world @6`},

	// Replacement.
	{"port reuse after the close", handshake + `
		> 1 x FIN
		< 1 ack 3 y FIN
		reuse 10` + handshake + `
		> 1 ack 1 z`, `
		open @1 SYN
		> x @4
		> FIN @4
		< y @5
		< FIN @5
		open @6 SYN
		> z @9`},
	{"port reuse after RST", handshake + `
		> 1 x
		> RST 2
		reuse 10` + handshake + `
		> 1 z`, `
		open @1 SYN
		> x @4
		> RST @5
		< peer RST @5
		open @6 SYN
		> z @9`},
	{"port reuse without a close, higher ISN", handshake + `
		> 1 x
		reuse 100000000` + handshake + `
		> 1 z`, `
		open @1 SYN
		> x @4
		> replaced @5
		< replaced @5
		open @5 SYN
		> z @8`},
	{"port reuse without a close, lower ISN", handshake + `
		> 1 x
		reuse -100000000` + handshake + `
		> 1 z`, `
		open @1 SYN
		> x @4
		> replaced @5
		< replaced @5
		open @5 SYN
		> z @8`},
	{"port reuse of a half closed connection", handshake + `
		> 1 x FIN
		reuse 10` + handshake + `
		> 1 z`, `
		open @1 SYN
		> x @4
		> FIN @4
		< replaced @5
		open @5 SYN
		> z @8`},
	{"port reuse, only the SYN+ACK captured", handshake + `
		> 1 x
		reuse 100000000
		< SYN 0 ack 1
		> 1 z`, `
		open @1 SYN
		> x @4
		> replaced @5
		< replaced @5
		open @5 SYN
		> z @6`},
	{"port reuse of a rejected connection", handshake + `
		reject
		> 1 x
		> 2 y
		reuse 10` + handshake + `
		> 1 z`, `
		open @1 SYN
		> x @4
		open @6 SYN
		> z @9`},
	{"a SYN in the window is no new connection", handshake + `
		> 1 hello
		> SYN 100
		> 6 world`, `
		open @1 SYN
		> hello @4
		> world @6`},

	// Gaps.
	{"lost", handshake + `
		> 1 hel
		> 6 world
		wait 1900ms
		> 11 x
		wait 200ms
		> 12 y`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> world @5
		> x @6
		> y @7`},
	{"lost, and captured after it was named", handshake + `
		> 1 hel
		> 6 world
		wait 3s
		> 4 lo`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> world @5`},
	{"lost, but acknowledged", handshake + `
		> 1 hel
		> 6 world
		< 1 ack 11
		wait 150ms
		> 11 x
		wait 60ms`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> world @5
		> x @7`},
	{"lost on the network, sent again late", handshake + `
		> 1 hel
		> 6 world
		< 1 ack 4
		wait 50s
		> 4 lo`, `
		open @1 SYN
		> hel @4
		> lo @7
		> world @5`},
	{"lost on the network in part, sent again late", handshake + `
		> 1 hel
		> 8 rld
		< 1 ack 6
		wait 50s
		> 6 wo
		wait 1s`, `
		open @1 SYN
		> hel @4
		> gap 2 @7
		> wo @7
		> rld @5`},
	{"lost on the network, sent again, but not captured", handshake + `
		> 1 hel
		> 6 world
		< 1 ack 4
		wait 50s
		< 1 ack 11
		wait 1s`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> world @5`},
	{"lost on the network, never sent again", handshake + `
		> 1 hel
		> 6 world
		< 1 ack 4
		wait 61s`, `
		open @1 SYN
		> hel @4
		> gap 2 @5
		> world @5`},
	{"lost and acknowledged twice", handshake + `
		> 1 hel
		> 6 w
		< 1 ack 7
		> 4 lo
		> 9 ld
		< 1 ack 11
		wait 201ms`, `
		open @1 SYN
		> hel @4
		> lo @7
		> w @5
		> gap 2 @8
		> ld @8`},
	{"two holes, the second acknowledged when the first is filled", handshake + `
		> 2 b
		> 4 d
		< 1 ack 5
		> 1 a
		wait 201ms`, `
		open @1 SYN
		> a @7
		> b @4
		> gap 1 @5
		> d @5`},
	{"acknowledged, and captured late", handshake + `
		> 1 hel
		> 6 world
		< 1 ack 11
		> 4 lo`, `
		open @1 SYN
		> hel @4
		> lo @7
		> world @5`},
	{"lost at the very beginning", handshake + `
		> 4 lo
		wait 2s`, `
		open @1 SYN
		> gap 3 @4
		> lo @4`},
	{"two holes, both overdue", handshake + `
		> 2 b
		> 4 d
		wait 3s`, `
		open @1 SYN
		> gap 1 @4
		> b @4
		> gap 1 @5
		> d @5`},
	{"a hole that is being filled is waited for", handshake + `
		> 4 d
		wait 1500ms
		> 1 a
		wait 1500ms
		> 2 b
		wait 1500ms
		> 3 c`, `
		open @1 SYN
		> a @5
		> b @6
		> c @7
		> d @4`},
	{"lost, and the capture ends", handshake + `
		> 4 d
		> 6 f
		close`, `
		open @1 SYN
		> gap 3 @4
		> d @4
		> gap 1 @5
		> f @5
		> capture ends @5
		< capture ends @5`},
	{"acknowledged, never captured", handshake + `
		> 1 hel
		< 1 ack 11 world
		close`, `
		open @1 SYN
		> hel @4
		< world @5
		> gap 7 @5
		> capture ends @5
		< capture ends @5`},
	{"the acknowledgement of a FIN is no octet", handshake + `
		> 1 hel
		< 1 ack 5
		close`, `
		open @1 SYN
		> hel @4
		> capture ends @5
		< capture ends @5`},

	// Snap length.
	{"cut", handshake + `
		> 1 hel cut 2
		> 6 wor cut 2 FIN
		< 1 ack 12`, `
		open @1 SYN
		> hel @4
		> gap 2 @4
		> wor @5
		> gap 2 @5
		> FIN @5`},
	{"nothing captured of the payload", handshake + `
		> 1 cut 5
		> 6 x`, `
		open @1 SYN
		> gap 5 @4
		> x @5`},
	{"cut out of order", handshake + `
		> 6 wor cut 2
		> 11 x
		> 1 hel cut 2`, `
		open @1 SYN
		> hel @6
		> gap 2 @6
		> wor @4
		> gap 2 @4
		> x @5`},
	{"cut, but captured whole before its turn", handshake + `
		> 6 wor cut 2
		> 6 world
		> 1 hello`, `
		open @1 SYN
		> hello @6
		> wor @4
		> ld @5`},
	{"cut, and captured in part before its turn", handshake + `
		> 6 w cut 4
		> 8 rl
		> 1 hello`, `
		open @1 SYN
		> hello @6
		> w @4
		> gap 1 @4
		> rl @5
		> gap 1 @4`},
	{"only cuts behind the hole", handshake + `
		> 6 cut 5
		> 1 hello
		> 11 x`, `
		open @1 SYN
		> hello @5
		> gap 5 @4
		> x @6`},
	{"retransmission of the captured part", handshake + `
		> 1 hel cut 2
		> 1 hel cut 2
		> 4 lo
		> 6 x`, `
		open @1 SYN
		> hel @4
		> gap 2 @4
		> x @7`},

	// Interest.
	{"rejected", handshake + `
		> 1 hello
		reject
		< 1 world
		> 6 x
		< 6 FIN
		> 7 FIN
		close`, `
		open @1 SYN
		> hello @4
		< world @5`},
	{"rejected with a queue", handshake + `
		> 3 c
		> 5 e
		reject
		> 1 ab
		> 4 d
		close`, `
		open @1 SYN
		> ab @6`},
	{"rejected while the queue comes out", handshake + `
		> 3 c
		> 4 d
		> 1 a
		reject
		> 2 b
		> 5 e
		close`, `
		open @1 SYN
		> a @6
		> b @7`},
	{"rejected at a gap", handshake + `
		> 1 a
		> 3 c
		reject
		wait 3s
		> 4 d
		close`, `
		open @1 SYN
		> a @4
		> gap 1 @5`},

	// Time.
	{"idle", handshake + `
		> 1 x
		wait 3620s
		> 2 y
		wait 2s`, `
		open @1 SYN
		> x @4
		> timeout @4
		< timeout @4
		open @5 midstream
		> y @5`},
	{"idle, but not for long enough", handshake + `
		> 1 x
		wait 3599s
		> 2 y
		wait 3599s
		> 3 z`, `
		open @1 SYN
		> x @4
		> y @5
		> z @6`},
	{"a clock that is set back", handshake + `
		> 1 x
		pause -2h
		> 2 y
		> 4 t
		wait 1s
		wait 1001ms`, `
		open @1 SYN
		> x @4
		> y @5
		> gap 1 @6
		> t @6`},
	{"a clock that trembles", handshake + `
		> 1 x
		> 3 z
		pause -30s
		> 4 a
		pause 31s
		> 2 y`, `
		open @1 SYN
		> x @4
		> y @7
		> z @5
		> a @6`},
}

func TestOddities(t *testing.T) {
	for _, tt := range oddities {
		for _, isn := range []struct {
			name           string
			client, server uint32
		}{{"", clientISN, serverISN}, {" at the wrap", 1<<32 - 4, 1<<32 - 3}, {" at the wrap with the ISN", 1<<32 - 1, 1<<32 - 2}, {" at the sign", 1<<31 - 4, 1<<31 - 3}} {
			t.Run(tt.name+isn.name, func(t *testing.T) {
				s := newScript(Config{})
				s.isn = [2]uint32{isn.client, isn.server}
				if d := cmp.Diff(transcript(tt.want), s.run(t, tt.script)); d != "" {
					t.Errorf("want(-), got(+)\n%s", d)
				}
				s.run(t, "close")
				s.empty(t)
			})
		}
	}
}

// empty checks that a closed table holds nothing any more, and gopacket neither.
func (s *script) empty(t *testing.T) {
	t.Helper()
	n := s.table.Stats()
	if n.Remembered != 0 || n.Buffered != 0 || n.History != 0 || len(s.table.timers) != 0 {
		t.Errorf("left after Close: %d connections, %d octets queued, %d kept, %d timers", n.Remembered, n.Buffered, n.History, len(s.table.timers))
	}
	s.pages(t)
}

// pages checks that gopacket has given all its pages back.
func (s *script) pages(t *testing.T) {
	t.Helper()
	if a := s.table.assembler; a != nil {
		if n := s.table.queuesOpen; n != 0 {
			t.Errorf("gopacket has %d streams", n)
		}
		if d := a.Dump(); d != "pageCache: used: 0:" {
			t.Errorf("gopacket: %s", d)
		}
	}
}
