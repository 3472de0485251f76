package analyze

import (
	"testing"

	"wshake/analyze/internal/freelist"
)

func TestFreelist(t *testing.T) {
	var l freelist.List[int]
	if l.Take() != nil {
		t.Error("an empty list gives something")
	}
	a, b := new(int), new(int)
	*a, *b = 1, 2
	l.Put(a)
	l.Put(b)
	if got := l.Take(); got != b || *got != 2 {
		t.Error("not the last, as it was put")
	}
	if got := l.New(); got != a || *got != 0 {
		t.Error("not the same memory, empty")
	}
	if got := l.New(); got == nil || *got != 0 {
		t.Error("no new value")
	}
	for range freelist.Kept + 1 {
		l.Put(new(int))
	}
	if len(l) != freelist.Kept {
		t.Errorf("%d kept", len(l))
	}
}
