//go:build !linux && !libpcap

package live

import (
	"fmt"
	"runtime"
)

func open(Options) (backend, error) {
	return nil, fmt.Errorf("live capture on %s needs a build with -tags libpcap; without it, it needs Linux", runtime.GOOS)
}
