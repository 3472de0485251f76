package tls

// messageType is the type of a handshake message (RFC 8446 §4, RFC 5246 §7.4).
type messageType uint8

const (
	typeHelloRequest        messageType = 0
	typeClientHello         messageType = 1
	typeServerHello         messageType = 2
	typeEndOfEarlyData      messageType = 5
	typeEncryptedExtensions messageType = 8
	typeCertificate         messageType = 11
	typeServerHelloDone     messageType = 14
	typeClientKeyExchange   messageType = 16
	typeFinished            messageType = 20
	typeKeyUpdate           messageType = 24
)

// MaxMessage is the size of the largest handshake message that is read, its header not counted. Of a larger one the
// octets are passed over, not kept.
const MaxMessage = 64 << 10

// messageHeader is the size of a handshake message's header: type and length.
const messageHeader = 4

// messages puts the handshake messages of one direction together: records cut and join them at will.
type messages struct {
	partial []byte // what there is of the message at hand
	skip    int    // octets still to come of one that is too large
	// broken says that octets were lost, so that where messages begin is not known before the next change of keys.
	broken bool
	// exchange is what the messages take part in; nil where no keys are exchanged that a pre-master secret would give.
	exchange *exchange
}

// message is one handshake message, borrowed from the record that completed it.
type message struct {
	kind messageType
	body []byte // nil if tooLarge
	// tooLarge says that the body is larger than MaxMessage; it is given when its header was read.
	tooLarge bool
}

// add takes what a record holds and calls take with each message that it completes, until take is false.
func (m *messages) add(p []byte, take func(message) bool) {
	for more := true; more && len(p) > 0 && !m.broken; {
		if m.skip > 0 {
			n := min(m.skip, len(p))
			m.skip -= n
			p = p[n:]
			continue
		}
		if len(m.partial) > 0 || len(p) < messageHeader || len(p) < messageHeader+bodySize(p) {
			p, more = m.collect(p, take)
			continue
		}
		end := messageHeader + bodySize(p)
		more = take(message{kind: messageType(p[0]), body: p[messageHeader:end:end]})
		p = p[end:]
	}
}

// collect adds to the message at hand and gives back what p has beyond it.
func (m *messages) collect(p []byte, take func(message) bool) (rest []byte, more bool) {
	want := messageHeader
	if len(m.partial) >= messageHeader {
		want += bodySize(m.partial)
	}
	n := min(want-len(m.partial), len(p))
	m.partial = append(m.partial, p[:n]...)
	if len(m.partial) < messageHeader {
		return p[n:], true
	}
	done := message{kind: messageType(m.partial[0])}
	switch size := bodySize(m.partial); {
	case size > MaxMessage:
		m.partial, m.skip = nil, size
		done.tooLarge = true
	case len(m.partial) < messageHeader+size:
		return p[n:], true
	default:
		done.body = m.partial[messageHeader:]
		m.partial = nil
	}
	return p[n:], take(done)
}

// lose forgets the message at hand, since octets were lost.
func (m *messages) lose() { *m = messages{broken: true} }

// bodySize is the length that the header of a message gives.
func bodySize(header []byte) int {
	return int(header[1])<<16 | int(header[2])<<8 | int(header[3])
}
