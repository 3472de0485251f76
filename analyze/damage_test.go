package analyze

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wshake/testdata/need"
)

// damage is the k-th of a kind.
type damage struct {
	name string
	do   func(t tape, k int) tape
}

var damages = []damage{
	{"drop", func(t tape, k int) tape { return slices.Delete(slices.Clone(t), k, k+1) }},
	{"duplicate", func(t tape, k int) tape { return slices.Insert(slices.Clone(t), k, t[k]) }},
	{"swap", func(t tape, k int) tape {
		if k+1 == len(t) {
			return t
		}
		t = slices.Clone(t)
		t[k], t[k+1] = t[k+1], t[k]
		t[k].Time, t[k+1].Time = t[k+1].Time, t[k].Time
		return t
	}},
	{"start", func(t tape, k int) tape { return t[k:] }},
	{"end", func(t tape, k int) tape { return t[:k] }},
}

// snapped cuts every packet to n octets.
func (t tape) snapped(n int) tape {
	t = slices.Clone(t)
	for i := range t {
		t[i].Data = t[i].Data[:min(n, len(t[i].Data))]
	}
	return t
}

// Whatever happens to one packet of a recording, what is reported is part of what is reported of the whole, what is
// missing is named, and the number of workers does not matter.
func TestDamage(t *testing.T) {
	for i, path := range sampled(t, recordings(t)) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			original := loadTape(t, path)
			keys := withKeys(t, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
			whole := original.see(t, keys)
			step, most := 1, 100 // a recording of many connections repeats itself
			switch {
			case racing:
				step, most = 5, 15
			case need.Brief():
				step, most = 5, 2
			}
			step = max(step, len(original)/most)
			first := 0
			if step > 1 && len(original) > 0 {
				first = i % min(step, len(original)) // each recording has its own places
			}
			check := func(name string, k int, damaged tape) {
				got := damaged.see(t, keys)
				for _, b := range breaches(whole, got) {
					t.Errorf("%s %d: %s", name, k, b)
				}
				if k%5 == 0 {
					again := damaged.analyse(t, keys, func(c *Config) { c.Workers = 4 })
					if !reflect.DeepEqual(got.report, again) {
						t.Errorf("%s %d: another run on four workers says otherwise", name, k)
					}
				}
			}
			check("nothing", 0, original)
			for _, d := range damages {
				if d.name == "start" && strings.HasPrefix(filepath.Base(path), "h3-migrated") {
					continue // behind its move the connection has other ends, and is another one if the move was not captured
				}
				for k := first; k < len(original); k += step {
					check(d.name, k, d.do(original, k))
				}
			}
			lengths := []int{0, 14, 40, 54, 66, 68, 80, 96, 128, 200, 256, 400, 512, 1000}
			if need.Brief() && !racing {
				lengths = lengths[i%14:][:1]
			}
			for _, n := range lengths {
				check("snap", n, original.snapped(n))
			}
			for side := range 2 {
				check("side", side, original.oneSide(side))
			}
		})
	}
}

// A file may end anywhere, and begin with any of its packets: what was read before the cut is reported.
func TestFileCutAnywhere(t *testing.T) {
	for _, path := range sampled(t, recordings(t)) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			original := loadTape(t, path)
			keys := withKeys(t, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
			whole := original.see(t, keys)
			cuts := 40 // of a file
			if need.Brief() && !racing {
				cuts = 2
			}
			for at := len(file) % cuts; at < len(file); at += max(1, len(file)/cuts) {
				if at < 28 {
					continue // no section header, so no capture
				}
				got := analyseBytes(t, file[:at], keys)
				kept := original[:got.summary.Packets]
				for _, b := range breaches(whole, seen{got, horizons(kept)}) {
					t.Errorf("cut at octet %d: %s", at, b)
				}
				want := kept.analyse(t, keys)
				want.summary.Files, got.summary.Files = nil, nil
				if !reflect.DeepEqual(want, got) {
					t.Errorf("cut at octet %d: other events than of the %d packets before it", at, len(kept))
				}
			}
		})
	}
}

// FuzzDamage does any number of damages, one after another: each octet pair of what is a kind and a place.
func FuzzDamage(f *testing.F) {
	original := loadTape(f, recording("node-ws-mixed"))
	whole := original.see(f)
	f.Add([]byte{0, 3, 0, 9, 2, 20, 1, 8})
	f.Add([]byte{3, 7, 0, 12, 2, 13, 4, 40})
	f.Fuzz(func(t *testing.T, what []byte) {
		damaged := original
		for i := 0; i+1 < min(len(what), 64) && len(damaged) > 0; i += 2 {
			damaged = damages[int(what[i])%len(damages)].do(damaged, int(what[i+1])%len(damaged))
		}
		got := damaged.see(t)
		had := testimonies(whole.report)
		for key, d := range testimonies(got.report) {
			w := had[key]
			if w == nil {
				t.Fatalf("%v is no connection of the capture", key)
			}
			for side := range d.messages {
				if i := firstInvented(d.messages[side], w.messages[side]); i >= 0 {
					t.Errorf("%v: message %d was not sent, or not then", key, i)
				}
			}
		}
		if again := damaged.analyse(t, func(c *Config) { c.Workers = 3 }); !reflect.DeepEqual(got.report, again) {
			t.Error("another run on three workers says otherwise")
		}
	})
}
