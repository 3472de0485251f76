package html

// density counts events over time in a fixed number of buckets. When time goes on beyond the last bucket, neighbours
// are added up and the buckets become twice as wide, so that memory does not grow with the length of the capture.
type density struct {
	begin, width int64 // ns
	used         bool
	counts       [][series]uint32
}

// What is counted in a bucket.
const (
	clientMessages = iota
	serverMessages
	clientOctets // in units of 1 KiB, rounded up per message
	serverOctets
	series
)

const firstWidth = 1e6 // ns

func newDensity(buckets int) *density {
	return &density{width: firstWidth, counts: make([][series]uint32, buckets)}
}

// bucket gives the place of time t. Times before the first one count in the first bucket.
func (d *density) bucket(t int64) *[series]uint32 {
	if !d.used {
		d.begin, d.used = t, true
	}
	i := (t - d.begin) / d.width
	for i >= int64(len(d.counts)) {
		d.halve()
		i = (t - d.begin) / d.width
	}
	return &d.counts[max(i, 0)]
}

func (d *density) halve() {
	half := len(d.counts) / 2
	for i := range half {
		for s := range series {
			d.counts[i][s] = addUp(d.counts[2*i][s], d.counts[2*i+1][s])
		}
	}
	clear(d.counts[half:])
	d.width *= 2
}

// addUp stops at the largest number instead of beginning again at 0.
func addUp(a, b uint32) uint32 {
	if sum := a + b; sum >= a {
		return sum
	}
	return ^uint32(0)
}

func (d *density) message(t int64, from int, octets uint64) {
	b := d.bucket(t)
	b[clientMessages+from] = addUp(b[clientMessages+from], 1)
	b[clientOctets+from] = addUp(b[clientOctets+from], uint32(min((octets+1023)>>10, 1<<31)))
}

// densityModel is a density in the page. Trailing empty buckets are left out.
type densityModel struct {
	Begin  int64       `json:"begin"` // ns since the page's base
	Width  int64       `json:"width"` // ns
	Client []uint32    `json:"client"`
	Server []uint32    `json:"server"`
	Octets [2][]uint32 `json:"kib"`
}

func (d *density) model(base int64) *densityModel {
	if d == nil || !d.used {
		return nil
	}
	last := 0
	for i := range d.counts {
		if d.counts[i] != ([series]uint32{}) {
			last = i + 1
		}
	}
	m := &densityModel{Begin: d.begin - base, Width: d.width}
	for _, c := range d.counts[:last] {
		m.Client, m.Server = append(m.Client, c[clientMessages]), append(m.Server, c[serverMessages])
		m.Octets[0], m.Octets[1] = append(m.Octets[0], c[clientOctets]), append(m.Octets[1], c[serverOctets])
	}
	return m
}
