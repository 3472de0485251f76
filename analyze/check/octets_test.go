package check

import "testing"

func TestControl(t *testing.T) {
	slow := func(s string) int {
		for i := range len(s) {
			if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
				return i
			}
		}
		return -1
	}
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				for _, fill := range "a\xc3\t" {
					b := make([]byte, length)
					for i := range b {
						b[i] = byte(fill)
					}
					b[at] = byte(c)
					if s := string(b); control(s) != slow(s) {
						t.Fatalf("control(%q) is %d, want %d", s, control(s), slow(s))
					}
				}
			}
		}
	}
}
