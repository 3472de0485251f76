//go:build !libpcap

package live

import (
	"net"
	"net/netip"
)

func interfaces() ([]Interface, error) {
	system, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, s := range system {
		i := Interface{Name: s.Name, State: Down}
		switch {
		case s.Flags&net.FlagRunning != 0:
			i.State = Up
		case s.Flags&net.FlagUp != 0:
			i.State = NoCarrier
		}
		addresses, err := s.Addrs()
		if err != nil {
			continue // gone between the two questions
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				i.Addresses = append(i.Addresses, p)
			}
		}
		list = append(list, i)
	}
	return list, nil
}
