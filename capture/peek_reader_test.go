package capture

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestWindow(t *testing.T) {
	text := []byte("0123456789abcdefghijklmnopqrstuvwxyz")
	for _, size := range []int{1, 2, 3, 7, 16, 36, 100} {
		w := newPeekReader(iotest.OneByteReader(bytes.NewReader(text)), size)
		for at := 0; at < len(text); {
			n := 1 + at*5%11
			got, err := w.peek(n)
			want := text[at:min(at+n, len(text))]
			if !bytes.Equal(got, want) || (err == io.EOF) != (len(want) < n) || w.offset != int64(at) {
				t.Fatalf("size %d: %q, %v at %d", size, got, err, w.offset)
			}
			if cap(got) != len(got) {
				t.Fatal("what is shown can be appended to")
			}
			step := 1 + at%4
			w.skip(int64(step))
			at += step
		}
		w.close()
	}
}

func TestWindowSkipsBeyondTheEnd(t *testing.T) {
	w := newPeekReader(bytes.NewReader(make([]byte, 50)), 16)
	w.skip(1 << 40)
	if b, err := w.peek(1); len(b) != 0 || err != io.EOF || w.offset != 1<<40 || w.readUpTo() != 50 {
		t.Error(b, err, w.offset, w.readUpTo())
	}
}

func TestWindowDry(t *testing.T) {
	w := newPeekReader(bytes.NewReader([]byte("abcdef")), 4)
	w.noWait = true
	if _, err := w.peek(1); err != errWouldBlock {
		t.Error(err)
	}
	w.noWait = false
	if b, _ := w.peek(2); string(b) != "ab" {
		t.Error(b)
	}
	w.noWait = true
	w.skip(5)
	if _, err := w.peek(1); err != errWouldBlock {
		t.Error(err)
	}
	w.noWait = false
	if b, err := w.peek(1); string(b) != "f" || err != nil {
		t.Error(b, err)
	}
}

// stuck never reads anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestWindowGivesUpOnNoProgress(t *testing.T) {
	if _, err := newPeekReader(stuck{}, 4).peek(1); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

// TestChunksComeBack counts references: a chunk is free when window and batches are done with it.
func TestChunksComeBack(t *testing.T) {
	c := newBuffer(10)
	one, two := newLease(1), newLease(2)
	one.hold(c)
	one.hold(c)
	two.hold(c)
	for i, step := range []func(){one.release, c.release, two.release} {
		if refs := c.refs.Load(); int(refs) != 3-i {
			t.Fatalf("%d references before step %d", refs, i)
		}
		step()
	}
	if refs := c.refs.Load(); refs != 0 {
		t.Errorf("%d references in the end", refs)
	}
}
