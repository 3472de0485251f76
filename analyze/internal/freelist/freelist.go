// Package freelist keeps values that are no longer in use, so that the next user needs no new memory.
//
// Unlike sync.Pool a List belongs to one goroutine, holds a bounded number of values, and gives the same value on
// every run.
package freelist

// List is a stack of values that nobody uses. Its zero value is empty and ready to use.
type List[T any] []*T

// Kept bounds how many values a List holds; further ones are left to the garbage collector.
const Kept = 256

// Put adds t, which its user must not use any more.
func (l *List[T]) Put(t *T) {
	if len(*l) < Kept {
		*l = append(*l, t)
	}
}

// Take removes the value that was put last and returns it as it was put. It returns nil where there is none.
func (l *List[T]) Take() *T {
	n := len(*l)
	if n == 0 {
		return nil
	}
	t := (*l)[n-1]
	(*l)[n-1] = nil
	*l = (*l)[:n-1]
	return t
}

// New returns a zero value, in memory of the List where it has any.
func (l *List[T]) New() *T {
	t := l.Take()
	if t == nil {
		return new(T)
	}
	var zero T
	*t = zero
	return t
}
