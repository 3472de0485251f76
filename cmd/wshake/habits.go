package main

import (
	"os"
	"strings"

	"wshake/capture/filter"
)

// habits says what to type instead of flags that tcpdump and tshark have and wshake has not.
var habits = map[string]string{
	"v": "to see frames and messages too, type --show all; for the version, --version",
	"A": "to see payloads, type --show messages --payload 256",
	"X": "to see payloads, type --show messages --payload 256",
	"x": "to see payloads, type --show messages --payload 256",
	"B": "type --buffer SIZE, such as 32MiB",
	"C": "type --rotate-size SIZE, such as 100MiB, with --write",
	"D": "type wshake interfaces",
	"F": "type --filter \"$(cat FILE)\"",
	"G": "type --rotate-time TIME, such as 1h, with --write",
	"L": "the link types of interfaces are found without it",
	"T": "for output to process, type --output json",
	"U": "rows are printed as soon as they are complete",
	"V": "name the files themselves: wshake FILE...",
	"W": "type --rotate-count N, with --write",
	"Y": "for tcpdump's filters type --filter EXPR; display filters of Wireshark are not read",
	"Z": "type --drop-privileges USER",
	"a": "type --duration TIME or --count N",
	"d": "type --decode-as HOST:PORT=websocket",
	"e": "addresses of the link layer are not printed",
	"l": "rows are printed as soon as they are complete",
	"q": "for less output type --show findings,summary",
	"s": "packets are always captured whole",
	"t": "type --time relative or --time absolute",
}

// filterWords can begin a filter that stands behind the files, as tcpdump takes it.
var filterWords = map[string]bool{"tcp": true, "udp": true, "ip": true, "ip6": true, "port": true, "portrange": true, "host": true,
	"net": true, "src": true, "dst": true, "not": true, "!": true, "(": true, "vlan": true, "mpls": true, "less": true, "greater": true,
	"ether": true, "proto": true, "sctp": true, "icmp": true, "arp": true}

// trailingFilter takes the filter off the end of arguments, as tcpdump's users type it: wshake FILE tcp port 80. A
// word that names an existing file is that file.
func trailingFilter(args []string) (files []string, expr string) {
	for i, word := range args {
		begins := filterWords[word] || len(word) > 1 && strings.HasPrefix(word, "(") || i == len(args)-1 && strings.Contains(word, " ")
		if !begins {
			continue
		}
		if _, err := os.Stat(word); err == nil {
			continue
		}
		expr = strings.Join(args[i:], " ")
		if _, err := filter.NewMatcher(expr); err == nil || filterWords[word] {
			return args[:i], expr
		}
	}
	return args, ""
}
