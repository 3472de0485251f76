package report

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// hostsListed is how many hosts are listed.
const hostsListed = 20

var hostColumns = []column{
	{title: "host", least: 20, most: 60, rank: 1, cut: fit},
	{title: "attempts", least: 8, most: 12, rank: 2, cut: fit},
	{title: "established", least: 11, most: 12, rank: 2, cut: fit},
	{title: "refused", least: 13, most: 40, rank: 3, cut: fitList},
	{title: "other", least: 14, most: 40, optional: true, rank: 5, cut: fitList},
	{title: "latency 50/90/99 %", least: 18, most: 40, whole: true, rank: 4, cut: fit},
	{title: "findings", least: 11, most: 40, optional: true, rank: 6, cut: fitList},
}

// worthHosts says that a table of hosts tells more than that of the handshakes.
func worthHosts(list []event.Host) bool {
	attempts := uint64(0)
	for i := range list {
		attempts += list[i].Attempts
	}
	return attempts > 4 || len(list) > 1 && attempts > 2
}

// printHosts tells of each host what came of the attempts.
func printHosts(o *output, list []event.Host, all bool) {
	if !worthHosts(list) {
		return
	}
	shown := list
	if len(list) > hostsListed && !all {
		shown = list[:hostsListed]
	}
	o.section()
	t := table{out: o, columns: hostColumns}
	for i := range shown {
		h := &shown[i]
		bad1 := plain
		if h.AllRefused() {
			bad1 = bad
		}
		t.row([]cell{{text: h.Name}, {text: number(h.Attempts)}, {text: number(h.Verdicts[event.Established])}, {text: refusedBy(h), tint: bad1},
			{text: otherVerdicts(h)}, {text: latencyPhrase(h.Latency)}, {text: levels(&event.Summary{Findings: h.Findings})}})
	}
	t.settle()
	if more := len(list) - len(shown); more > 0 {
		o.paragraph(paragraph{text: fmt.Sprintf("… and %s: --all lists them", count(uint64(more), "more host"))})
	}
}

// refusedBy counts refusals by status: 403 ×11, 502 ×2.
func refusedBy(h *event.Host) string {
	var said []string
	for _, s := range h.Statuses {
		said = append(said, fmt.Sprintf("%d ×%s", s.Status, number(s.Count)))
	}
	return strings.Join(said, ", ")
}

func otherVerdicts(h *event.Host) string {
	var said []string
	for _, v := range []event.Verdict{event.Invalid, event.Incomplete, event.OtherUpgrade} {
		if n := h.Verdicts[v]; n > 0 {
			said = append(said, number(n)+" "+v.String())
		}
	}
	return strings.Join(said, ", ")
}

// latencyPhrase writes the three in one unit: 0.1/0.4/12.8 ms.
func latencyPhrase(l *event.Latency) string {
	switch {
	case l == nil:
		return ""
	case !plausible(1000 * l.P99):
		return "unknown"
	case l.P99 < 1e6:
		return fmt.Sprintf("%.1f/%.1f/%.1f ms", float64(l.P50)/1e3, float64(l.P90)/1e3, float64(l.P99)/1e3)
	}
	return fmt.Sprintf("%.3f/%.3f/%.3f s", float64(l.P50)/1e6, float64(l.P90)/1e6, float64(l.P99)/1e6)
}
