package reassembly

// Seen says whether any packet of d's sender was captured.
func (c *Conn) Seen(d Dir) bool { return c.knows(uint8(d)^c.opener, synSeen|ackSeen) }

// Initial is the initial sequence number of d; known says that its SYN was captured. Translation of addresses
// leaves it alone.
func (c *Conn) Initial(d Dir) (isn uint32, known bool) {
	side := uint8(d) ^ c.opener
	return c.base(side) - 1, c.knows(side, synSeen)
}
