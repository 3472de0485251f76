package reassembly

// index finds a Conn by its Key: open addressing with linear probing, at most three quarters full. Its seed
// differs from run to run, so that a capture cannot be made to collide; nothing ever walks it, so the seed shows
// nowhere.
type index struct {
	seed  uint64
	slots []slot // a power of two
	used  int
}

type slot struct {
	hash uint32 // its low bits are the preferred place of the slot
	conn uint32 // number in the slab, 0 for an empty slot
}

func (x *index) hash(k *Key) uint32 { return uint32(k.hash(x.seed)) }

func (x *index) mask() uint32 { return uint32(len(x.slots) - 1) }

// find gives the number of a Conn with the key, 0 if there is none.
func (x *index) find(k *Key, conns *slab) uint32 {
	if x.used == 0 {
		return 0
	}
	hash, mask := x.hash(k), x.mask()
	for i := hash & mask; x.slots[i].conn != 0; i = (i + 1) & mask {
		if x.slots[i].hash == hash && conns.at(x.slots[i].conn).key == *k {
			return x.slots[i].conn
		}
	}
	return 0
}

// likely gives the number of a Conn whose key has this hash, 0 if there is none. Nearly always it is the right one.
func (x *index) likely(hash uint32) uint32 {
	mask := x.mask()
	i := hash & mask
	for x.slots[i].conn != 0 && x.slots[i].hash != hash {
		i = (i + 1) & mask
	}
	return x.slots[i].conn
}

// insert adds a Conn. Several may have the same key: see Table.findConn.
func (x *index) insert(k *Key, conn uint32) {
	if x.used >= len(x.slots)/4*3 {
		old := x.slots
		x.slots = make([]slot, max(64, 2*len(old)))
		for _, s := range old {
			if s.conn != 0 {
				x.place(s)
			}
		}
	}
	x.place(slot{x.hash(k), conn})
	x.used++
}

func (x *index) place(s slot) {
	mask := x.mask()
	i := s.hash & mask
	for x.slots[i].conn != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}

// delete removes a Conn and moves those behind it that can now be nearer to their preferred place.
func (x *index) delete(k *Key, conn uint32) {
	hash, mask := x.hash(k), x.mask()
	hole := hash & mask
	for x.slots[hole].conn != conn {
		hole = (hole + 1) & mask
	}
	x.used--
	for i := (hole + 1) & mask; x.slots[i].conn != 0; i = (i + 1) & mask {
		if (i-x.slots[i].hash)&mask >= (i-hole)&mask {
			x.slots[hole] = x.slots[i]
			hole = i
		}
	}
	x.slots[hole] = slot{}
}
