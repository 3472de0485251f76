//go:build linux || libpcap

package live

import "wshake/capture"

// tell reports what happened to an interface.
func (o *Options) tell(name string, err error) {
	if o.Problem != nil {
		o.Problem(&capture.Problem{Path: name, Offset: -1, Err: err})
	}
}
