package pipeline

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"wshake/cmd/wshake-beam/internal/part"
)

// Steps that compare connections: see part.Groups.

// each calls f with what an iterator gives.
func each(next func(*[]byte) bool, f func([]byte) error) error {
	for b := []byte(nil); next(&b); b = nil {
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// decoded is what an iterator gives, decoded.
func decoded[T any](next func(*[]byte) bool, decode func([]byte) (*T, error)) (list []*T, err error) {
	err = each(next, func(b []byte) error {
		v, err := decode(b)
		list = append(list, v)
		return err
	})
	return list, err
}

// pairFn finds the connections that have one mark.
type pairFn struct{ Buckets int }

func (fn *pairFn) ProcessElement(ctx context.Context, _ int64, marks func(*[]byte) bool,
	pair, leg func(int64, []byte)) error {
	legs := newBucketed(fn.Buckets, leg)
	sendLeg := func(m *part.Mark) {
		b := m.Encode()
		markOctets.Inc(ctx, int64(len(b)))
		legs.add(m.Key, b)
	}
	of := make(map[uint64][]part.Mark) // by key
	err := eachKeyed(marks, func(key uint64, b []byte) error {
		m, err := part.DecodeMark(key, b)
		switch {
		case err != nil:
		case key == 0:
			part.Alone(m, sendLeg)
		default:
			of[key] = append(of[key], *m)
		}
		return err
	})
	if err != nil {
		return err
	}
	var pairs []byte
	for _, key := range slices.Sorted(maps.Keys(of)) {
		part.Paired(of[key], func(p part.Pair) {
			for _, n := range p {
				pairs = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(pairs, n.Run), n.Conn)
			}
		}, sendLeg)
		if len(pairs) >= bucketBlock {
			markOctets.Inc(ctx, int64(len(pairs)))
			pair(0, pairs)
			pairs = nil
		}
	}
	if len(pairs) > 0 {
		markOctets.Inc(ctx, int64(len(pairs)))
		pair(0, pairs)
	}
	legs.flush()
	return nil
}

// groupFn puts all pairs in groups, and tells runs which of their connections are in groups of several runs.
type groupFn struct{}

func (*groupFn) ProcessElement(_ int64, pairs func(*[]byte) bool, member func(int64, []byte)) error {
	groups := part.NewGroups()
	err := each(pairs, func(b []byte) error {
		for ; len(b) >= pairLength; b = b[pairLength:] {
			var p part.Pair
			for i := range p {
				p[i] = part.Node{Run: binary.BigEndian.Uint64(b[16*i:]), Conn: binary.BigEndian.Uint64(b[16*i+8:])}
			}
			groups.Add(p)
		}
		return nil
	})
	of := make(map[int64][]byte) // by run
	for _, m := range groups.Members() {
		b := of[int64(m.Node.Run)]
		of[int64(m.Node.Run)] = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, m.Node.Conn), m.Group)
	}
	for _, run := range slices.Sorted(maps.Keys(of)) {
		member(run, of[run])
	}
	return err
}

// pairLength and memberLength are how many octets are sent for each.
const (
	pairLength   = 4 * 8
	memberLength = 2 * 8
)

// alikeFn compares the ends that one hop made.
type alikeFn struct{}

func (*alikeFn) ProcessElement(ctx context.Context, _ int64, ends func(*[]byte) bool, alike func(int64, []byte)) error {
	list, err := decoded(ends, part.DecodeEnd)
	if err != nil {
		return err
	}
	all := make([]part.End, len(list))
	for i, e := range list {
		all[i] = *e
	}
	return part.Compare(all, func(a *part.Alike) error {
		b, err := a.Encode()
		if err == nil {
			markOctets.Inc(ctx, int64(len(b)))
			alike(int64(a.Run), b)
		}
		return err
	})
}

// judgeFn compares the connections of a run.
type judgeFn struct {
	known
	Config part.Config
	Flat   bool
}

func (fn *judgeFn) ProcessElement(ctx context.Context, run int64, made, members, alike func(*[]byte) bool,
	away func(int64, []byte), line func(string, []byte), sum func(int64, []byte)) error {
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	all, err := records(ctx, made)
	if err != nil || len(all) == 0 {
		return err
	}
	groups := make(map[uint64]uint64)
	err = each(members, func(b []byte) error {
		for ; len(b) >= memberLength; b = b[memberLength:] {
			groups[binary.BigEndian.Uint64(b)] = binary.BigEndian.Uint64(b[8:])
		}
		return nil
	})
	if err != nil {
		return err
	}
	ends, err := decoded(alike, part.DecodeAlike)
	if err != nil {
		return err
	}
	to := newLines(ctx, fn.Output, fmt.Sprintf("judge-%d", run), fn.Flat, line)
	s, err := part.Judge(all, groups, ends, &fn.Config, w, func(group uint64, m *part.Made) error {
		b, err := m.Encode()
		if err == nil {
			madeOctets.Inc(ctx, int64(len(b)))
			b, err = parcel(ctx, fn.Output, fmt.Sprintf("away/%d-%d", group, part.RunOf(m.Run)), b)
		}
		if err == nil {
			away(int64(group), b)
		}
		return err
	}, to.add)
	if err = cmp.Or(err, to.flush()); err != nil {
		return err
	}
	return sendSum(ctx, s, sum)
}

// records decodes what was made, each once.
func records(ctx context.Context, made func(*[]byte) bool) (all []*part.Made, err error) {
	all, err = decoded(made, func(parcel []byte) (*part.Made, error) {
		b, err := unpack(ctx, parcel)
		if err != nil {
			return nil, err
		}
		return part.Decode(b)
	})
	if err != nil {
		return nil, err
	}
	return part.Once(all), nil
}

// sumShards is how many workers sum up at most.
const sumShards = 64

func sendSum(ctx context.Context, s *part.Sums, sum func(int64, []byte)) error {
	b, err := s.Encode()
	if err == nil {
		sumOctets.Inc(ctx, int64(len(b)))
		sum(int64(part.RunOf(s.Of)%sumShards), b)
	}
	return err
}

// joinFn compares the connections of a group that several runs have connections of.
type joinFn struct {
	known
	Config part.Config
	Flat   bool
}

func (fn *joinFn) ProcessElement(ctx context.Context, group int64, made func(*[]byte) bool,
	line func(string, []byte), sum func(int64, []byte)) error {
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	all, err := records(ctx, made)
	if err != nil {
		return err
	}
	to := newLines(ctx, fn.Output, fmt.Sprintf("join-%d", group), fn.Flat, line)
	s, err := part.JoinGroup(uint64(group), all, &fn.Config, w, to.add)
	if err = cmp.Or(err, to.flush()); err != nil {
		return err
	}
	return sendSum(ctx, s, sum)
}

// readSums reads what was counted, each once.
func readSums(sums func(*[]byte) bool) ([]*part.Sums, error) {
	list, err := decoded(sums, part.DecodeSums)
	return part.SumsOnce(list), err
}

// reduceFn sums up what was counted in some runs and groups.
type reduceFn struct {
	known
	Config part.Config
}

func (fn *reduceFn) ProcessElement(ctx context.Context, shard int64, sums func(*[]byte) bool,
	reduced func(int64, []byte)) error {
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	list, err := readSums(sums)
	if err != nil {
		return err
	}
	b, err := part.Reduce(shard, list, &fn.Config, w).Encode()
	reduced(0, b)
	return err
}

// finishFn says what is about the whole capture.
type finishFn struct {
	known
	Config part.Config
	Flat   bool
}

func (fn *finishFn) ProcessElement(ctx context.Context, _ int64, sums func(*[]byte) bool,
	line func(string, []byte)) error {
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	list, err := readSums(sums)
	if err != nil {
		return err
	}
	to := newLines(ctx, fn.Output, "finish", fn.Flat, line)
	return cmp.Or(part.Finish(list, &fn.Config, w, to.add), to.flush())
}
