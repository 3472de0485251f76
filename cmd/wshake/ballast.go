package main

// ballast is what the garbage collector takes for memory in use, octets. It collects when as much has been allocated
// as is in use, so that a run which keeps little would collect all the time; with the ballast it lets that much be
// allocated in between at least. Nothing is ever written to it, so it is address space and no memory.
const ballast = 16 << 20

// trim makes the ballast. What it returns has to be kept alive for the run. Where memory is limited there is none: the
// limit counts it.
func (o *options) trim() []byte {
	if o.memoryLimited {
		return nil
	}
	return make([]byte, ballast)
}
