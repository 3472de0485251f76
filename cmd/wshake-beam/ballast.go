package main

import "sync"

// ballast is what the garbage collector takes for memory in use, 64 MiB. It collects when as much has been allocated as
// is in use: what a run keeps is little beside what passes through, and a fifth of the time went into collecting. Where
// much is kept the ballast changes little. Nothing is ever written to it, so it is address space and no memory.
var ballast = sync.OnceValue(func() []byte { return make([]byte, 64<<20) })
