package convo

// conversationSize is what a conversation takes without what it keeps, octets.
const conversationSize = 1 << 10

// Size is that of layer.Sized.
func (c *Conversation) Size() int {
	size := conversationSize + c.stream[0].Memory() + c.stream[1].Memory()
	for _, r := range c.recent {
		if r != nil {
			size += recentKept*24 + 8
		}
	}
	if k := c.control; k != nil {
		size += 1<<10 + 8*cap(k.rtt)
	}
	if k := c.keeping; k != nil {
		for side := range k.frame {
			size += cap(k.frame[side].octets) + cap(k.message[side].octets)
		}
	}
	return size
}
