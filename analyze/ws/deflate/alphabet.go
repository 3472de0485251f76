package deflate

// The entries of the symbols of RFC 1951 section 3.2.5, for codes of no bits. The two last of each alphabet take part
// in the fixed codes but must not occur.
var (
	litSymbols    = makeLitSymbols()
	distSymbols   = makeDistSymbols()
	lengthSymbols = makeLengthSymbols()
)

func makeLitSymbols() (s [maxLits + 2]entry) {
	for i := range 256 {
		s[i] = literal | entry(i)<<16
	}
	s[endOfBlock] = special | blockEnd
	base := entry(3)
	for i := range entry(28) {
		extra := entry(0)
		if i >= 8 {
			extra = i/4 - 1
		}
		s[257+i] = base<<16 | extra
		base += 1 << extra
	}
	s[285] = maxMatch << 16
	s[286], s[287] = special, special
	return s
}

func makeDistSymbols() (s [maxDists + 2]entry) {
	base := entry(1)
	for i := range entry(maxDists) {
		extra := entry(0)
		if i >= 4 {
			extra = i/2 - 1
		}
		s[i] = base<<16 | extra
		base += 1 << extra
	}
	s[30], s[31] = special, special
	return s
}

func makeLengthSymbols() (s [19]entry) {
	for i := range s {
		s[i] = entry(i) << 16
	}
	return s
}

// fixed are the tables of blocks with fixed codes (RFC 1951 section 3.2.6).
var fixed = makeFixed()

func makeFixed() *tables {
	var lit [maxLits + 2]uint8
	for i := range lit {
		switch {
		case i < 144:
			lit[i] = 8
		case i < 256:
			lit[i] = 9
		case i < 280:
			lit[i] = 7
		default:
			lit[i] = 8
		}
	}
	var dist [maxDists + 2]uint8
	for i := range dist {
		dist[i] = 5
	}
	t := new(tables)
	t.build(t.lit[:], litBits, lit[:], litSymbols[:])
	t.build(t.dist[:], distBits, dist[:], distSymbols[:])
	return t
}
