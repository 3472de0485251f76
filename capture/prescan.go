package capture

import "os"

// prescan offers the secrets of the file before its packets, wherever they stand in it, for who decrypts needs them
// first. What is offered here is not told again when the packets are read.
//
// Only regular files that are not compressed are scanned. What can be read once only, or twice only by decompressing
// it twice, gives its secrets where they stand.
func (s *stream) prescan() {
	if s.options.Prescan != nil {
		s.prescanned = true
		s.options.Prescan(s.findSecrets)
	}
}

// findSecrets walks through the file from block to block without looking at packets, which takes about as long as to
// read it. Damage ends the walk; it is told when it is met there again.
func (s *stream) findSecrets(found func(Secrets)) {
	f, err := os.Open(s.path)
	if err != nil {
		return
	}
	defer f.Close()
	w := newPeekReader(f, bufferSize)
	defer w.close()
	r := &pcapngReader{in: w, observer: &onlySecrets{ignored{}, s.index, found}}
	for {
		b, body, err := r.nextBlock(hasSecrets)
		if err == nil {
			_, err = r.take(b, body, nil)
		}
		if err != nil {
			return
		}
	}
}

func hasSecrets(kind uint32) bool { return kind == sectionHeader || kind == decryptionSecrets }

// onlySecrets passes on the secrets of a file, and nothing else.
type onlySecrets struct {
	ignored
	file  int32
	found func(Secrets)
}

func (o *onlySecrets) secrets(kind uint32, data []byte) {
	o.found(Secrets{File: o.file, Type: kind, Data: data})
}
