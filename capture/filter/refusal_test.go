package filter_test

import (
	"errors"
	"strings"
	"testing"

	"wshake/capture/filter"
)

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{"host example.org", `filter: "example.org": host names are not looked up; write the address`},
		{"src localhost", `filter: "localhost": host names are not looked up; write the address`},
		{"net loopback", `filter: "loopback": host names are not looked up; write the address`},
		{"port http", `filter: "http": service names are not looked up; write the number of the port`},
		{"portrange ftp-http", `filter: "ftp-http": service names are not looked up; write the number of the port`},
		{"proto tcp", `filter: "tcp" stands where the number of a protocol is expected`},
		{`proto \gre`, `filter: "\\gre": the number of a protocol or \tcp, \udp, \sctp, \icmp is expected`},
		{"proto gre", `filter: "gre": is no protocol that is known by name here; write its number, or \tcp, \udp, \sctp, \icmp`},
		{"proto 256", `filter: "256": is more than 255`},
		{"src proto 6", `filter: "src": does not go with proto`},
		{"tcp proto 6", `filter: "proto": does not go with tcp`},
		{"10.0.0.1", `filter: "10.0.0.1" stands without host, net, port, portrange or proto before it`},
		{"tcp or 443", `filter: "443" stands without host, net, port, portrange or proto before it`},
		{"(port 80) or 443", `filter: "443" stands without host, net, port, portrange or proto before it`},
		{"example.org", `filter: "example.org": is no word of the filter language; an address needs host before it, and names are not looked up`},
		{"ether host 0:1:2:3:4:5", `filter: "ether": tcpdump knows this word, wshake does not support it`},
		{"broadcast", `filter: "broadcast": tcpdump knows this word, wshake does not support it`},
		{"ip multicast",
			`filter: "multicast" stands where and, or, host, net, port, portrange, src or dst is expected`},
		{"mpls 5", `filter: "mpls": tcpdump knows this word, wshake does not support it`},
		{"pppoes and tcp", `filter: "pppoes": tcpdump knows this word, wshake does not support it`},
		{"gateway 10.0.0.1", `filter: "gateway": tcpdump knows this word, wshake does not support it`},
		{"inbound", `filter: "inbound": tcpdump knows this word, wshake does not support it`},
		{"len > 100", `filter: ">": arithmetic and octets of the packet are not supported`},
		{"tcp[13] & 2 != 0", `filter: "tcp[13]": arithmetic and octets of the packet are not supported`},
		{"tcp[tcpflags] == tcp-syn", `filter: "tcp[tcpflags]": arithmetic and octets of the packet are not supported`},
		{"port 80 & 1", `filter: "&": arithmetic and octets of the packet are not supported`},
		{"port 80 | port 443", `filter: "|": arithmetic and octets of the packet are not supported`},
		{"host 10.0.0", `filter: "10.0.0": is no address, and host names are not looked up`},
		{"host 10.0.0.256", `filter: "10.0.0.256": is no address, and host names are not looked up`},
		{"host 010.0.0.1", `filter: "010.0.0.1": is no address, and host names are not looked up`},
		{"host 80", `filter: "80": is no address; a port is written after port, a network after net`},
		{"src 80", `filter: "80": is no address; a port is written after port, a network after net`},
		{"host 10.0.0.0/8", `filter: "10.0.0.0/8": a network is written after net`},
		{"host fe80::1%eth0", `filter: "fe80::1%eth0": an address with a zone is not supported`},
		{"ip host 2001:db8::1", `filter: "2001:db8::1": does not go with ip`},
		{"ip6 host 10.0.0.1", `filter: "10.0.0.1": does not go with ip6`},
		{"arp host ::1", `filter: "::1": does not go with arp`},
		{"tcp host 10.0.0.1", `filter: "host": does not go with tcp`},
		{"udp src 10.0.0.1", `filter: "10.0.0.1": does not go with udp`},
		{"ip port 80", `filter: "port": does not go with ip`},
		{"icmp port 80", `filter: "port": does not go with icmp`},
		{"net 10.0.0.1/8", `filter: "10.0.0.1/8": has bits set outside its prefix; 10.0.0.0/8 is the network`},
		{"net 2001:db8::1/32", `filter: "2001:db8::1/32": has bits set outside its prefix; 2001:db8::/32 is the network`},
		{"net 10/8", `filter: "10/8": tcpdump takes a length only after more than one octet; write 10.0.0.0/8`},
		{"net 10.0.0.0/33", `filter: "10.0.0.0/33": the length of the prefix is no number from 0 to 32`},
		{"net 10.0.0.0/255.0.0.0", `filter: "10.0.0.0/255.0.0.0": the length of the prefix is no number from 0 to 32`},
		{"net 300", `filter: "300": is no network, and names of networks are not looked up`},
		{"net 10.0.0.1 mask 255.0.0.0", `filter: "10.0.0.1": has bits set outside its mask 255.0.0.0`},
		{"net 10.0.0.0 mask 8", `filter: "8" stands where a mask such as 255.255.0.0 is expected`},
		{"net 2001:db8:: mask ffff::", `filter: "mask": does not go with IPv6; write the length of the prefix after /`},
		{"net 2001:db8::/129", `filter: "2001:db8::/129": is no network`},
		{"port 65536", `filter: "65536": is more than 65535`},
		{"port 99999999999999999999", `filter: "99999999999999999999": is more than 65535`},
		{"port 80-90", `filter: "80-90": the number of a port is expected`},
		{"port 010", `filter: "010": a leading zero is ambiguous`},
		{"portrange 80-", `filter: "80-": a range of ports such as 8000-8010 is expected`},
		{"portrange 1-70000", `filter: "1-70000": is more than 65535`},
		{"vlan 4096", `filter: "4096": is more than 4095`},
		{"less", `filter: less takes a number of octets`},
		{"less many", `filter: "many": less takes a number of octets`},
		{"greater 4294967296", `filter: "4294967296": is more than 4294967295`},
		{"port", `filter: ends where a value is expected`},
		{"tcp and", `filter: ends where a primitive is expected`},
		{"not", `filter: ends where a primitive is expected`},
		{"and tcp", `filter: "and" stands where a primitive is expected`},
		{"tcp port 80 udp", `filter: "udp": and or or is missing before it`},
		{"tcp udp", `filter: "udp" stands where and, or, host, net, port, portrange, src or dst is expected`},
		{"(tcp", `filter: "(": is not closed`},
		{"tcp)", `filter: ")": closes no parenthesis`},
		{"()", `filter: ")" stands where a primitive is expected`},
		{"port (80 or tcp)", `filter: "tcp" stands where the number of a port is expected`},
		{"port 80 and (443 or port 8080)", `filter: "port" stands where the number of a port is expected`},
		{"port 80 and (443 tcp)", `filter: "tcp": and, or or ) is missing before it`},
		{"TCP", `filter: "TCP": words are written in lower case`},
		{"tcp AND port 80", `filter: "AND" stands where and, or, host, net, port, portrange, src or dst is expected`},
		{strings.Repeat("(", 2000) + "tcp", `filter: "(": parentheses are nested more than 1000 deep`},
		{strings.Repeat("vlan and ", 64) + "vlan", `filter: "vlan" stands more than 64 times in the expression`},
		{strings.Repeat("a", 1<<16+1), `filter: the expression has 65537 octets, more than the limit of 65536`},
		{"port 1" + strings.Repeat(" or 2", 400), `filter: the expression takes more than 4096 instructions`},
		{"tcp and \x00", `filter: "\x00": arithmetic and octets of the packet are not supported`},
	} {
		_, err := filter.Compile(c.expr, 1)
		var refused *filter.Error
		if !errors.As(err, &refused) {
			t.Errorf("%q is not refused: %v", c.expr, err)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.expr, err, c.want)
		}
		if n := refused.Offset; !strings.HasPrefix(c.expr[n:], strings.SplitN(refused.Word, "-", 2)[0]) {
			t.Errorf("%q: %q is not at %d", c.expr, refused.Word, n)
		}
	}
}
