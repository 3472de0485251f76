package pipeline

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"wshake/cmd/wshake-beam/internal/part"
)

// Hosts get a directory of their own up to a number for each day, since clients may ask for any number of them: those
// whose events of that day begin first. What comes twice, and in which order, does not change which those are, as a
// count of their events would.

// MostHosts is how many hosts of a day get a directory where Options name no number.
const MostHosts = 10_000

// others is in the place of a host's name. No host has it: names of directories begin with no dot, and hosts have no
// capital letters.
const others = ".OTHERS"

const (
	dayPrefix = "day="
	hostKey   = "/host="
)

// limited tells whether a partition is that of a host.
func limited(partition string) bool { return strings.HasPrefix(partition, dayPrefix) }

// dayOf is the directory of a day that a partition is in.
func dayOf(partition string) string {
	day, _, _ := strings.Cut(partition, hostKey)
	return day
}

// hostOf is the host of a partition, "" where it is of none.
func hostOf(partition string) string {
	_, escaped, _ := strings.Cut(partition, hostKey)
	host, _ := url.PathUnescape(escaped) // what fileName made can be read
	return host
}

// othersOf is the partition of the hosts of a day that get none of their own.
func othersOf(partition string) string { return dayOf(partition) + hostKey + others }

// firstFn says with which place the lines of a block begin.
type firstFn struct{}

func (*firstFn) ProcessElement(partition string, block []byte, first func(string, []byte)) error {
	if len(block) < placeLength {
		return errBlock
	}
	if limited(partition) {
		first(dayOf(partition), append(block[:placeLength:placeLength], partition...))
	}
	return nil
}

// limitFn chooses the hosts of a day that get a directory.
type limitFn struct{ Most int }

func (fn *limitFn) ProcessElement(day string, firsts func(*[]byte) bool,
	kept, problem func(string, []byte)) error {
	first := make(map[string]string) // by partition
	more := false
	choose := func() {
		if len(first) <= fn.Most {
			return
		}
		more = true
		partitions := slices.SortedFunc(maps.Keys(first), func(a, b string) int {
			return cmp.Or(strings.Compare(first[a], first[b]), strings.Compare(a, b))
		})
		for _, p := range partitions[fn.Most:] {
			delete(first, p) // so many are before it already
		}
	}
	err := each(firsts, func(b []byte) error {
		place, partition := string(b[:placeLength]), string(b[placeLength:])
		if known, is := first[partition]; !is || place < known {
			first[partition] = place
		}
		if len(first) >= 2*fn.Most {
			choose()
		}
		return nil
	})
	if err != nil {
		return err
	}
	choose()
	for _, partition := range slices.Sorted(maps.Keys(first)) {
		kept(partition, nil)
	}
	if !more {
		return nil
	}
	text := fmt.Sprintf("%s: hosts beyond the first %d have their events together in %s",
		strings.TrimPrefix(day, dayPrefix), fn.Most, othersOf(day))
	return sendProblem(part.Problem{Text: text}, new(part.Line), problem)
}
