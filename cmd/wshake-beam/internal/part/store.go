package part

import (
	"cmp"
	"os"
	"slices"
)

// store keeps the chunks that came to a home: in memory, and beyond keptInMemory in a temporary file.
type store struct {
	chunks []storedChunk
	memory int
	file   *os.File // nil while all is in memory
	size   int64
	// fetch reads the octets of a chunk that are in a file.
	fetch func(path string) ([]byte, error)
}

// keptInMemory is how many octets are kept in memory.
const keptInMemory = 64 << 20

// storedChunk is a chunk and where its octets are.
type storedChunk struct {
	piece          int32
	count          uint32
	first          Place
	octets         []byte // nil where they are in a file
	path           string // of the chunk's own file, "" where it is the temporary one
	offset, length int64
}

func (s *store) add(c *Chunk) error {
	k := storedChunk{piece: c.Piece, count: c.Count, first: c.First,
		length: int64(len(c.Octets)), path: c.Path}
	if c.Path != "" {
		s.chunks = append(s.chunks, k)
		return nil
	}
	if s.memory+len(c.Octets) <= keptInMemory {
		k.octets = c.Octets
		s.memory += len(c.Octets)
	} else {
		if s.file == nil {
			f, err := os.CreateTemp("", "wshake-beam-flow-")
			if err != nil {
				return err
			}
			s.file = f
			os.Remove(f.Name()) // it goes when it is closed
		}
		if _, err := s.file.WriteAt(c.Octets, s.size); err != nil {
			return err
		}
		k.offset = s.size
		s.size += k.length
	}
	s.chunks = append(s.chunks, k)
	return nil
}

// byPiece gives the chunks of each piece in their order. One that was sent twice counts once.
func (s *store) byPiece() (files [][]storedChunk) {
	slices.SortFunc(s.chunks, func(a, b storedChunk) int {
		return cmp.Or(cmp.Compare(a.piece, b.piece), cmp.Compare(a.count, b.count))
	})
	s.chunks = slices.CompactFunc(s.chunks, func(a, b storedChunk) bool {
		return a.piece == b.piece &&
			a.count == b.count
	})
	for i, c := range s.chunks {
		if i == 0 || c.piece != s.chunks[i-1].piece {
			files = append(files, nil)
		}
		files[len(files)-1] = append(files[len(files)-1], c)
	}
	return files
}

func (s *store) octets(c *storedChunk) ([]byte, error) {
	if c.octets != nil {
		return c.octets, nil
	}
	if c.path != "" {
		return s.fetch(c.path)
	}
	b := make([]byte, c.length)
	_, err := s.file.ReadAt(b, c.offset)
	return b, err
}

func (s *store) close() {
	if s.file != nil {
		s.file.Close()
	}
}
