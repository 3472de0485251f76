//go:build linux || libpcap

package live

import (
	"fmt"
	"os"
)

// missingPrivilege explains why the system refuses to capture.
func missingPrivilege(err error) error {
	program, e := os.Executable()
	if e != nil {
		program = os.Args[0]
	}
	return fmt.Errorf("%w: capturing needs the capability CAP_NET_RAW; run as root, or grant it once: sudo setcap cap_net_raw,cap_net_admin=eip %s", err, program)
}
