package part_test

import (
	"reflect"
	"testing"

	. "wshake/cmd/wshake-beam/internal/part"
)

// What a piece has of a flow comes in parts, in any order, some of it twice.
func TestHome(t *testing.T) {
	const mega = 1 << 20
	for _, c := range []struct {
		name   string
		held   []Held
		home   int32
		pieces []Held
	}{
		{"one", []Held{{3, 100, 7}}, 3, []Held{{3, 100, 7}}},
		{"the first", []Held{{5, 300, 2}, {4, 100, 9}}, 4, []Held{{4, 100, 9}, {5, 300, 2}}},
		{"with far more", []Held{{4, 100, 9}, {5, 9 * mega, 2}}, 5, []Held{{4, 100, 9}, {5, 9 * mega, 2}}},
		{"in parts", []Held{{5, 3 * mega, 4}, {5, 3 * mega, 2}, {4, 1, 1}, {5, 3 * mega, 4}}, 5,
			[]Held{{4, 1, 1}, {5, 6 * mega, 4}}},
		{"parts of the first", []Held{{4, 3 * mega, 8}, {5, 7 * mega, 4}, {4, 3 * mega, 1}}, 4,
			[]Held{{4, 6 * mega, 8}, {5, 7 * mega, 4}}},
	} {
		home, pieces, octets := Home(c.held)
		var all int64
		for _, p := range c.pieces {
			all += p.Octets
		}
		if home != c.home || octets != all || !reflect.DeepEqual(pieces, c.pieces) {
			t.Errorf("%s: home %d, %v, %d octets, want %d, %v", c.name, home, pieces, octets, c.home, c.pieces)
		}
	}
}
