//go:build libpcap

package live

import (
	"net"
	"net/netip"

	"github.com/google/gopacket/pcap"
)

// Flags of pcap_findalldevs(3PCAP).
const (
	flagUp           = 0x2
	flagConnection   = 0x30
	flagDisconnected = 0x20
)

func interfaces() ([]Interface, error) {
	devices, err := pcap.FindAllDevs()
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, d := range devices {
		if _, err := net.InterfaceByName(d.Name); err != nil && d.Addresses == nil {
			continue // any, and devices that are no interfaces: USB, Bluetooth, nflog
		}
		i := Interface{Name: d.Name, State: Down}
		switch {
		case d.Flags&flagUp != 0 && d.Flags&flagConnection == flagDisconnected:
			i.State = NoCarrier
		case d.Flags&flagUp != 0:
			i.State = Up
		}
		for _, a := range d.Addresses {
			if address, ok := netip.AddrFromSlice(a.IP); ok {
				length, _ := a.Netmask.Size()
				i.Addresses = append(i.Addresses, netip.PrefixFrom(address.Unmap(), length))
			}
		}
		list = append(list, i)
	}
	return list, nil
}
