package quic

import "wshake/analyze/tls"

// ClientRandom is the random of the ClientHello, by which key logs name secrets; known once that was read.
func (c *Conn) ClientRandom() (random [32]byte, known bool) { return c.random, c.named }

// Ignore is a Handler that takes nothing, to embed.
type Ignore struct{}

func (Ignore) Hello(At, *tls.Hello)                 {}
func (Ignore) Issued(Side, []byte)                  {}
func (Ignore) Data(Side, At, uint64, []byte)        {}
func (Ignore) Gap(Side, At, uint64, uint64)         {}
func (Ignore) End(Side, At, uint64)                 {}
func (Ignore) Reset(Side, At, uint64, uint64)       {}
func (Ignore) StopSending(Side, At, uint64, uint64) {}
func (Ignore) Close(Side, At, *Close)               {}
func (Ignore) Undecrypted(Side, At, Reason)         {}
func (Ignore) Lost(At, Loss)                        {}
