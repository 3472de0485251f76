package conn

import "wshake/analyze/internal/layer"

// What a connection takes here without its layers, octets.
const (
	connSize = 512
	toldSize = 768 // its identity, and what is counted and listed of its findings and caveats, where it has some
)

// charge counts what the connection takes in the budget of its shard: see reassembly.Budget.
func (c *Conn) charge() {
	size := connSize + layer.Size(c.stack.Top)
	if c.id != nil {
		size += toldSize
	}
	if size != c.charged {
		c.maker.Budget.Charge(size - c.charged)
		c.charged = size
	}
}

// discharge gives back what was charged. What is held while secrets are awaited counts elsewhere: see tlsconn.Pending.
func (c *Conn) discharge() {
	c.maker.Budget.Charge(-c.charged)
	c.charged = 0
}
