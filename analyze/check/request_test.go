package check

import "testing"

func TestVersionNumber(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "8": 8, "13": 13, "255": 255,
		"": -1, "256": -1, "013": -1, "00": -1, "+13": -1, "-1": -1, "13 ": -1, "13, 8": -1, "0x0d": -1, "thirteen": -1, "99999999999999999999": -1,
	} {
		n, ok := versionNumber(text)
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("versionNumber(%q) is %d, %v", text, n, ok)
		}
	}
}

func TestBelow11(t *testing.T) {
	for version, want := range map[string]bool{"HTTP/0.9": true, "HTTP/1.0": true, "HTTP/1.1": false, "HTTP/1.2": false, "HTTP/2.0": false} {
		if below11(version) != want {
			t.Errorf("below11(%q) is %v", version, !want)
		}
	}
}
