package tlsconn

import "wshake/analyze/internal/layer"

// Size is that of layer.Sized.
func (l *Layer) Size() int { return layerSize + l.conn.Memory() + layer.Size(l.stack.Top) }

// layerSize is what a Layer takes with its hello, octets.
const layerSize = 1 << 10
