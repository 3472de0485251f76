package app

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"wshake/analyze/event"
)

// MQTT 3.1, 3.1.1 and 5.0 (OASIS). Packets need not be aligned with messages (MQTT 3.1.1 §6.0), so that where a packet
// ends is kept from one message to the next.
var mqtt = protocol{name: "mqtt", subprotocols: []string{"mqtt", "mqttv3.1"}, opens: opensMQTT}

// opensMQTT recognises a CONNECT packet: its type, a length, the protocol's name (MQTT 3.1.1 §3.1).
func opensMQTT(m *Message) bool {
	if m.Opcode != event.OpBinary || m.From != event.Client || len(m.First) == 0 || m.First[0] != 0x10 {
		return false
	}
	_, size := packetLength(m.First[1:])
	if size <= 0 {
		return false
	}
	p := m.First[1+size:]
	return hasPrefix(p, "\x00\x04MQTT") || hasPrefix(p, "\x00\x06MQIsdp")
}

// packets is where one side's stream of packets stands.
type packets struct {
	head [packetHead]byte // the beginning of a packet of which the rest follows in later messages
	have int              // of head
	left uint64           // octets of the packet at hand that follow and are not read
	lost bool             // where packets begin is not known
}

// packetHead is how much of a packet is kept while it is not whole.
const packetHead = 128

// packetLength reads a length of one to four octets (MQTT 3.1.1 §2.2.3). size is 0 where more octets are needed, less
// where it is none.
func packetLength(p []byte) (n uint64, size int) {
	for i := range 4 {
		if i == len(p) {
			return 0, 0
		}
		n |= uint64(p[i]&0x7f) << (7 * i)
		if p[i]&0x80 == 0 {
			return n, i + 1
		}
	}
	return 0, -1
}

// readMQTT puts the first packet that a message completes or begins into words, and counts the others.
func (t *Talk) readMQTT(m *Message, wanted bool) *event.App {
	if t.packets == nil {
		t.packets = new([2]packets)
	}
	k := &t.packets[m.From]
	if m.Opcode != event.OpBinary {
		*k = packets{lost: true}
		return nil
	}
	if k.lost {
		if !mqttAligned(m) {
			return nil
		}
		*k = packets{}
	}
	var first *event.App
	more := 0
	tell := func(packet []byte, length uint64) {
		if !wanted && !mqttMayFail(m.From, packet) {
			return
		}
		a := mqttPacket(packet, length)
		if a != nil {
			a.Failed = a.Failed && mqttMayFail(m.From, packet)
		}
		switch {
		case a == nil:
		case first == nil || a.Failed && !first.Failed:
			if first != nil {
				more++
			}
			first = a
		default:
			more++
		}
	}
	k.take(m, tell)
	if first == nil {
		if wanted && (k.have > 0 || k.left > 0) {
			return said("mqtt", "part", "", "", "", "part of a packet")
		}
		return nil
	}
	if !wanted && !first.Failed {
		return nil
	}
	if more > 0 {
		first.Text += fmt.Sprintf(", and %d more", more)
	}
	return first
}

// mqttAligned says that a message is packets from its beginning to its end, so that the next one begins behind it.
func mqttAligned(m *Message) bool {
	if !m.whole() || len(m.First) == 0 {
		return false
	}
	for p := m.First; len(p) > 0; {
		if len(p) < 2 || p[0]>>4 == 0 || !mqttFlags(p[0]) {
			return false
		}
		n, size := packetLength(p[1:])
		if size <= 0 || n > uint64(len(p)-1-size) {
			return false
		}
		p = p[1+size+int(n):]
	}
	return true
}

// mqttFlags says that the first octet of a packet has flags that go with its type (MQTT 3.1.1 §2.2.2).
func mqttFlags(first byte) bool {
	switch first >> 4 {
	case 3:
		return first>>1&3 != 3
	case 6, 8, 10:
		return first&0xf == 2
	}
	return first&0xf == 0
}

// take goes over the packets of a message. tell gets each that ends in it, whole or its beginning, with the length of
// what follows its fixed header. A packet that goes on behind what is at hand of the message is told as far as it is.
func (k *packets) take(m *Message, tell func([]byte, uint64)) {
	p, unread := m.First, m.Length-uint64(len(m.First)) // octets behind p that are not at hand
	for len(p) > 0 {
		if k.left > 0 { // of a packet that was told
			n := min(k.left, uint64(len(p)))
			k.left, p = k.left-n, p[n:]
			continue
		}
		packet, had := p, k.have
		if had > 0 {
			packet = k.head[:had+copy(k.head[had:], p)]
		}
		length, size := uint64(0), 0
		if len(packet) > 1 {
			length, size = packetLength(packet[1:])
		}
		total := 1 + uint64(size) + length
		switch {
		case packet[0]>>4 == 0 || !mqttFlags(packet[0]) || size < 0:
			k.lost = true
			return
		case size > 0 && total <= uint64(len(packet)):
			tell(packet[:total], length)
			k.have, p = 0, p[int(total)-had:]
		case size > 0 && (len(packet) >= packetHead || unread > 0):
			tell(packet, length)
			k.have, k.left, p = 0, total-uint64(len(packet)), p[len(packet)-had:]
		default: // the rest of it follows in another message
			k.have, p = copy(k.head[:], packet), nil
		}
	}
	switch {
	case m.Lost || unread > 0 && k.left < unread: // packets begin in what is not at hand
		k.lost = true
	default:
		k.left -= unread
	}
}

var mqttTypes = [16]string{1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 5: "PUBREC", 6: "PUBREL", 7: "PUBCOMP",
	8: "SUBSCRIBE", 9: "SUBACK", 10: "UNSUBSCRIBE", 11: "UNSUBACK", 12: "PINGREQ", 13: "PINGRESP", 14: "DISCONNECT",
	15: "AUTH"}

// mqttMayFail is a quick look for packets that report failures.
func mqttMayFail(from event.Side, p []byte) bool {
	switch p[0] >> 4 {
	case 2, 9, 14:
		return from == event.Server
	}
	return false
}

// mqttPacket puts a packet into words, of which p is the beginning; length is of what follows its fixed header.
func mqttPacket(p []byte, length uint64) *event.App {
	kind := mqttTypes[p[0]>>4]
	flags := p[0] & 0xf
	_, size := packetLength(p[1:])
	p = p[1+size:]
	if uint64(len(p)) > length {
		p = p[:length]
	}
	switch kind {
	case "CONNECT":
		return mqttConnect(p)
	case "CONNACK":
		if len(p) < 2 {
			return nil
		}
		if p[1] == 0 {
			session := ""
			if p[0]&1 != 0 {
				session = "session present"
			}
			return said("mqtt", kind, "", "", "", "CONNACK accepted", session)
		}
		return mqttFailed(kind, "", fmt.Sprintf("CONNACK refused with code %d", p[1]), mqttReason(p[1]))
	case "PUBLISH":
		return mqttPublish(p, flags, length)
	case "SUBSCRIBE", "UNSUBSCRIBE":
		return mqttSubscribe(kind, p)
	case "SUBACK":
		if len(p) < 3 {
			return nil
		}
		id, code := packetID(p), mqttLast(p, length)
		if code >= 0x80 {
			return mqttFailed(kind, id, fmt.Sprintf("SUBACK %s refused with code %d", id, code), mqttReason(byte(code)))
		}
		return said("mqtt", kind, id, "", "", join("SUBACK", id), qosGranted(code))
	case "DISCONNECT":
		if len(p) > 0 && p[0] >= 0x80 {
			return mqttFailed(kind, "", fmt.Sprintf("DISCONNECT with code %d", p[0]), mqttReason(p[0]))
		}
		return said("mqtt", kind, "", "", "", kind)
	case "PINGREQ", "PINGRESP", "AUTH":
		return said("mqtt", kind, "", "", "", kind)
	case "":
		return nil
	}
	id := packetID(p) // PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK
	if len(p) > 2 && kind != "UNSUBACK" && p[2] >= 0x80 {
		why := mqttReason(p[2])
		return said("mqtt", kind, id, "", why, join(kind, id), fmt.Sprintf("code %d", p[2]), quoted("error", why))
	}
	return said("mqtt", kind, id, "", "", join(kind, id))
}

func mqttFailed(kind, id, head, why string) *event.App {
	a := said("mqtt", kind, id, "", why, head)
	if why != "" {
		a.Text += ": " + why
	}
	a.Failed = true
	return a
}

// mqttLast is the last octet of the packet, which is the last answer of a SUBACK; -1 where it is not at hand.
func mqttLast(p []byte, length uint64) int {
	if uint64(len(p)) < length {
		return -1
	}
	return int(p[len(p)-1])
}

func qosGranted(code int) string {
	if code < 0 || code > 2 {
		return ""
	}
	return "granted QoS " + strconv.Itoa(code)
}

func packetID(p []byte) string {
	if len(p) < 2 {
		return ""
	}
	return strconv.Itoa(int(binary.BigEndian.Uint16(p)))
}

// mqttString takes a string from the beginning of p, as far as it is there.
func mqttString(p []byte) (s string, rest []byte) {
	if len(p) < 2 {
		return "", nil
	}
	n := int(binary.BigEndian.Uint16(p))
	p = p[2:]
	if n > len(p) {
		return string(p) + "…", nil
	}
	return string(p[:n]), p[n:]
}

func mqttConnect(p []byte) *event.App {
	name, p := mqttString(p)
	if name != "MQTT" && name != "MQIsdp" || len(p) < 4 {
		return nil
	}
	version := map[byte]string{3: "MQTT 3.1", 4: "MQTT 3.1.1", 5: "MQTT 5"}[p[0]]
	flags, alive := p[1], binary.BigEndian.Uint16(p[2:])
	rest := p[4:]
	if p[0] == 5 { // properties stand before the client's name
		n, size := packetLength(rest)
		if size <= 0 || uint64(len(rest)-size) < n {
			rest = nil
		} else {
			rest = rest[uint64(size)+n:]
		}
	}
	client, _ := mqttString(rest)
	user := ""
	if flags&0x80 != 0 {
		user = "with a user name"
	}
	return said("mqtt", "CONNECT", "", client, "", join("CONNECT", labelled("client", client)), version,
		fmt.Sprintf("keep-alive %d s", alive), user)
}

func mqttPublish(p []byte, flags byte, length uint64) *event.App {
	topic, rest := mqttString(p)
	qos, id := flags>>1&3, ""
	if qos > 0 {
		id = packetID(rest)
	}
	const dup, retain = 8, 1
	more, kept := "", ""
	if flags&dup != 0 {
		more = "sent again"
	}
	if flags&retain != 0 {
		kept = "retained"
	}
	if topic == "" { // MQTT 5: an alias stands for it
		return said("mqtt", "PUBLISH", id, "", "", "PUBLISH to a topic alias", fmt.Sprintf("QoS %d", qos),
			labelled("id", id), octets(length), more, kept)
	}
	return said("mqtt", "PUBLISH", id, topic, "", join("PUBLISH", topic), fmt.Sprintf("QoS %d", qos),
		labelled("id", id), octets(length), more, kept)
}

// mqttSubscribe names the first topic filter. Between it and the packet's id MQTT 5 has properties, nearly always
// none; a filter has a character at least, so that a 0 there is their length.
func mqttSubscribe(kind string, p []byte) *event.App {
	id := packetID(p)
	if len(p) < 5 {
		return said("mqtt", kind, id, "", "", join(kind, id))
	}
	rest := p[2:]
	filter, behind := mqttString(rest)
	if rest[0] == 0 && rest[1] == 0 || rest[0] != 0 && behind == nil { // a length of properties before it
		if n, size := packetLength(rest); size > 0 && uint64(len(rest)) > uint64(size)+n {
			filter, _ = mqttString(rest[uint64(size)+n:])
		}
	}
	return said("mqtt", kind, id, filter, "", join(kind, id+":", filter))
}

// mqttReason is the name of a reason code: MQTT 3.1.1 §3.2.2.3 below 128, MQTT 5 §2.4 from there on.
func mqttReason(code byte) string { return mqttReasons[code] }

var mqttReasons = map[byte]string{
	1: "unacceptable protocol version", 2: "identifier rejected", 3: "server unavailable",
	4: "bad user name or password", 5: "not authorized",
	128: "unspecified error", 129: "malformed packet", 130: "protocol error", 131: "implementation specific error",
	132: "unsupported protocol version", 133: "client identifier not valid", 134: "bad user name or password",
	135: "not authorized", 136: "server unavailable", 137: "server busy", 138: "banned", 139: "server shutting down",
	140: "bad authentication method", 141: "keep alive timeout", 142: "session taken over", 143: "topic filter invalid",
	144: "topic name invalid", 145: "packet identifier in use", 146: "packet identifier not found",
	147: "receive maximum exceeded", 148: "topic alias invalid", 149: "packet too large", 150: "message rate too high",
	151: "quota exceeded", 152: "administrative action", 153: "payload format invalid", 154: "retain not supported",
	155: "QoS not supported", 156: "use another server", 157: "server moved", 158: "shared subscriptions not supported",
	159: "connection rate exceeded", 160: "maximum connect time", 161: "subscription identifiers not supported",
	162: "wildcard subscriptions not supported",
}
