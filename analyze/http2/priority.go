package http2

// prioritySize is the length of a PRIORITY frame's payload, and of the same in HEADERS (RFC 9113 §6.3). Nothing else
// is read of it.
const prioritySize = 5
