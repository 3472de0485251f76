package ship

import (
	"cmp"
	"strconv"
	"strings"

	"wshake/capture"
)

// older orders files as rotation names them. Wshake counts up, and so do dates: events-00001.ndjson is older than
// events-00002.ndjson. Logrotate counts the other way, behind the name of the newest: events.2, events.1, events. What
// begins with the name of another file is older than that.
func older(a, b string) int {
	const last = "\xff" // behind all that a name has
	x, n := counted(a)
	y, m := counted(b)
	return cmp.Or(capture.CompareNames(x+last, y+last), cmp.Compare(m, n))
}

// counted is a name without the number that logrotate puts behind it, and that number: a date is longer.
func counted(path string) (name string, n int) {
	const longest = 5
	i := strings.LastIndexByte(path, '.')
	if i < 0 || len(path)-i-1 > longest {
		return path, 0
	}
	n, err := strconv.Atoi(path[i+1:])
	if err != nil || n <= 0 {
		return path, 0
	}
	return path[:i], n
}
