package http2

// pingSize is the length of a PING frame's payload (RFC 9113 §6.7). Nothing else is read of it.
const pingSize = 8
