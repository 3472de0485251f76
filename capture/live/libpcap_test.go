//go:build linux && libpcap

package live

import "testing"

// anyLink is tcpdump's name for the link type of packets from any: gopacket cannot ask for another.
const anyLink = "LINUX_SLL"

func TestAnInterfaceThatGoesAwayEndsTheCapture(t *testing.T) {
	w := newWorld(t)
	source, problems := w.open(Options{Interfaces: []string{"near0"}})
	w.run("ip", "link", "delete", "near0")
	drain(t, source)
	if len(problems) != 1 {
		t.Errorf("%d problems were told", len(problems))
	} else {
		t.Log(<-problems)
	}
}
