package capture

import "os"

// foresee takes the secrets of a file before its packets, wherever they stand in it: who decrypts needs them first. It walks from
// block to block without looking at packets, which takes far less time than to analyse them. What was taken here is not
// taken again when the packets are read. Damage ends the walk; it is told when it is met there again.
//
// Only regular files that are not compressed are foreseen. What can be read once only, or twice only by decompressing
// it twice, gives its secrets where they stand.
func (s *stream) foresee() {
	if s.options.Secrets == nil {
		return
	}
	f, err := os.Open(s.path)
	if err != nil {
		return
	}
	defer f.Close()
	w := newWindow(f, chunkSize)
	defer w.close()
	r := &pcapngReader{window: w, notes: &onlySecrets{unheard{}, s}}
	for {
		b, body, err := r.nextBlock(foreseen)
		if err == nil {
			_, err = r.take(b, body, nil)
		}
		if err != nil {
			break
		}
	}
	s.foresaw = true
}

func foreseen(kind uint32) bool { return kind == sectionHeader || kind == decryptionSecrets }

// onlySecrets passes on the secrets of a stream, and nothing else.
type onlySecrets struct {
	unheard
	stream *stream
}

func (o *onlySecrets) secrets(kind uint32, data []byte) { o.stream.secrets(kind, data) }
