package reassembly

import "testing"

// Sums of every length are those of RFC 1071 word by word, also where every addition overflows.
func TestOnesSum(t *testing.T) {
	octets := make([]byte, 300)
	for _, step := range []byte{0, 1, 37} {
		for i := range octets {
			octets[i] = 0xff - byte(i)*step
		}
		for n := range octets {
			want := uint64(0xffff)
			for i, c := range octets[:n] {
				want += uint64(c) << (8 * (i & 1))
			}
			got := onesSum(0xffff_ffff_ffff_ffff, octets[:n])
			if got, want := (got-1)%0xffff, (want-1)%0xffff; got != want {
				t.Errorf("step %d, %d octets: %#x, want %#x", step, n, got, want)
			}
		}
	}
}
