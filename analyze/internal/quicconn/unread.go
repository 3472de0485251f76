package quicconn

import (
	"wshake/analyze/event"
	"wshake/reassembly/decode"
)

// Unread counts datagrams of which nothing was opened. Untold are those of connections that have no caveat.
type Unread struct {
	decode.Unread
	key         unreadKey
	Untold      uint64
	UntoldBytes uint64
	UntoldFirst event.At
	most        uint64 // untold of one port
}

// Add adds the untold of o. What u is, is what most of them are: of equals the one with the smaller port.
func (u *Unread) Add(o *Unread) {
	if o.Untold == 0 {
		return
	}
	if u.Untold == 0 || o.UntoldFirst.Ordinal < u.UntoldFirst.Ordinal {
		u.UntoldFirst = o.UntoldFirst
	}
	if o.Untold > u.most || o.Untold == u.most && o.What.Number < u.What.Number {
		u.What, u.most = o.What, o.Untold
	}
	u.Untold += o.Untold
	u.UntoldBytes += o.UntoldBytes
}
