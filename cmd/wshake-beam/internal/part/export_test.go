package part

// Files with more flows than are remembered at once: small ones, too.
func init() { flowsAtOnce = 3 }
