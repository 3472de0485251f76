package reassembly

// evidence is what is known of a connection on which something unusual happened. Most connections have none, so that it costs
// octets in order nothing.
type evidence struct {
	// The direction of joinedSide was captured in another tunnel than Key.Tunnel.
	joined       bool
	joinedSide   uint8
	joinedTunnel uint64
	contested    origin // the SYN of another connection with the same ends: flagContested
}

// evidenceOf is the evidence of c, made at the first call.
func (c *Conn) evidenceOf() *evidence {
	if c.evidence == nil {
		c.evidence = new(evidence)
	}
	return c.evidence
}
