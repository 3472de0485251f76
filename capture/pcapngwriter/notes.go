package pcapngwriter

import "wshake/capture"

// Codes and types of what evidence has beside packets (draft-ietf-opsawg-pcapng §3.5, §4.7).
const (
	optComment        = 1
	decryptionSecrets = 10
	tlsKeyLog         = 0x544c534b
)

// WriteNoted writes a packet with comments, as Write does.
func (w *Writer) WriteNoted(p *capture.Packet, names []string, comments []string) error {
	if w.err != nil {
		return w.err
	}
	w.notes = comments
	if w.due(p) {
		if w.err = w.next(); w.err != nil {
			return w.err
		}
	}
	w.add(p, names)
	w.notes = nil
	if len(w.pending) >= maxPending {
		w.err = w.flush()
	}
	return w.err
}

// WriteSecrets writes a key log of TLS in front of the packets that come.
func (w *Writer) WriteSecrets(log []byte) {
	b, start := begin(w.pending, decryptionSecrets)
	b = order.AppendUint32(b, tlsKeyLog)
	b = order.AppendUint32(b, uint32(len(log)))
	w.pending = end(pad(append(b, log...), len(log)), start)
}

// Finish writes what is pending.
func (w *Writer) Finish() error {
	if w.err == nil {
		w.err = w.flush()
	}
	return w.err
}

// appendComments appends comments as options of a block.
func appendComments(b []byte, comments []string) []byte {
	if len(comments) == 0 {
		return b
	}
	for _, c := range comments {
		b = appendOption(b, optComment, c)
	}
	return appendOption(b, endOfOptions, "")
}
