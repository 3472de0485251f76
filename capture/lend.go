package capture

// Lend has release called once, by b.Release or by the next Read into b. A source outside this package calls it when it has refilled b
// with packets that point into storage of its own.
func (b *Batch) Lend(release func()) { b.release = release }
