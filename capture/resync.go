package capture

// Limits of the search for records behind damage.
const (
	searchView = 1 << 20 // octets that are looked at together
	searchStep = searchView / 2
	minRun     = 72 << 10 // octets of records in a row that are believed: more than one packet can hold of another capture
)

// measure gives the length of the record that may begin at b, in octets, 0 if none can. b is at least minMeasured
// octets long.
type measure func(b []byte) int

// minMeasured is how much of a record has to be there to measure it: the longest header.
const minMeasured = modifiedRecord

// search looks behind damage for the place where records go on.
type search struct {
	damage *Problem // what was wrong
	skip   int      // octets of the next view that cannot be the place
}

// next moves in to the place where records go on. records measures those of the file as it was; found tells that a
// file of another kind begins there. It returns io.EOF where nothing is found up to the end of the stream, and other
// errors as peek does.
func (s *search) next(in *peekReader, records measure) (found header, err error) {
	for {
		view, err := in.peek(searchView)
		if err == errWouldBlock {
			return header{}, err
		}
		end, limit := err != nil, searchStep
		if end {
			limit = len(view)
		}
		chains := make(map[header]*chain) // by what the records are measured by
		follow := func(i int, h header, length measure) bool {
			r := chains[h]
			if r == nil {
				r = &chain{view: view, end: end, length: length}
				chains[h] = r
			}
			return r.holds(i)
		}
		for i := s.skip; i < limit && len(view)-i >= minMeasured; i++ {
			h, isHeader := headerAt(view[i:])
			switch {
			case isHeader && follow(i+h.size, h, h.records()):
				in.skip(int64(i))
				return h, nil
			case records(view[i:]) > 0 && follow(i, header{}, records):
				in.skip(int64(i))
				return header{}, nil
			}
		}
		if end {
			return header{}, err
		}
		in.skip(searchStep)
		s.skip = 0
	}
}

// chain follows records in a view of the file. Where one chain of records ended, every other that meets it ends, too:
// so no place is looked at twice, and the search takes time in proportion to the octets.
type chain struct {
	view   []byte
	end    bool // the file ends behind view
	length measure
	met    [searchView / 64]uint64 // places in view, a bit each
}

// holds tells whether records follow one another from i on, for minRun octets or up to the end of the file.
func (r *chain) holds(i int) bool {
	at, count := i, 0
	for ; at <= len(r.view)-minMeasured; count++ {
		if at-i >= minRun {
			return true
		}
		if r.met[at/64]>>(at%64)&1 != 0 {
			return false
		}
		r.met[at/64] |= 1 << (at % 64)
		n := r.length(r.view[at:])
		if n == 0 {
			return false
		}
		at += n
	}
	switch {
	case !r.end:
		return count > 0
	case at == len(r.view):
		return true
	}
	return count > 1 // the last record is cut off
}
