package analyze

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wshake/analyze/event"
)

// categories are the truth's names for what our checks report.
var categories = map[string]string{
	"rsv-unnegotiated": "rsv_without_extension", "rsv1-misplaced": "rsv_without_extension", "opcode-reserved": "reserved_opcode",
	"control-too-long": "control_frame_too_long", "control-fragmented": "control_frame_fragmented",
	"continuation-unexpected": "continuation_without_start", "message-interrupted": "data_frame_inside_fragmented_message",
	"text-not-utf8": "invalid_utf8", "close-code-invalid": "close_code_invalid", "close-code-reserved": "close_code_invalid",
	"close-body-short": "close_payload_one_byte", "close-reason-not-utf8": "close_reason_invalid_utf8",
	"data-after-close": "data_after_close", "close-missing": "close_missing", "deflate-error": "deflate_error",
}

type autobahnCase struct {
	Case       string   `json:"case"`
	ClientPort uint16   `json:"client_port"`
	Expected   []string `json:"expected"`
	Acceptable []string `json:"acceptable_extra"`
	PMD        struct {
		Accepted *string `json:"accepted"`
	} `json:"permessage_deflate"`
	Wire map[string]struct {
		Frames    int                 `json:"frames"`
		FrameList [][]json.RawMessage `json:"frame_list"`
		Octets    uint64              `json:"bytes_after_handshake"`
		Messages  int                 `json:"messages"`
		Size      uint64              `json:"message_bytes"`
		SHA256    string              `json:"messages_sha256"`
	} `json:"wire"`
}

// The conformance suite's server misbehaves on purpose: on each of its connections exactly what the truth says is
// reported, frames and messages are those that were sent.
func TestAutobahn(t *testing.T) {
	dir := filepath.Join(shared(t), "autobahn")
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct{ Cases []autobahnCase }
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	r := analyseFile(t, filepath.Join(dir, "fuzzingserver.pcap.gz"), func(c *Config) { c.Payload = 1 << 20; c.Limits.Message = 64 << 20 })
	if len(r.handshakes) != len(truth.Cases) {
		t.Errorf("%d handshakes, want %d", len(r.handshakes), len(truth.Cases))
	}
	port := func(c *event.Conn) uint16 { return c.Peer[event.Client].Port() }
	for i := range truth.Cases {
		c := &truth.Cases[i]
		reported := map[string]bool{}
		for _, f := range r.findings {
			if port(f.Conn) != c.ClientPort {
				continue
			}
			category := categories[f.Name]
			if f.Level == event.Error || category != "" {
				reported[category] = true
			}
			if f.Level == event.Error && !slices.Contains(c.Expected, category) && !slices.Contains(c.Acceptable, category) {
				t.Errorf("case %s (port %d): %s is neither expected nor acceptable: %s", c.Case, c.ClientPort, f.Name, f.Text)
			}
		}
		for _, e := range c.Expected {
			if e == "continuation_without_start" && reported["control_frame_fragmented"] {
				continue // the rest of a fragmented control frame has its one finding
			}
			if e != "none" && !reported[e] {
				t.Errorf("case %s (port %d): %s was not reported", c.Case, c.ClientPort, e)
			}
		}
		broken := slices.ContainsFunc(c.Expected, func(e string) bool {
			return e == "continuation_without_start" || e == "data_frame_inside_fragmented_message" || e == "rsv_without_extension"
		})
		for _, side := range []event.Side{event.Client, event.Server} {
			w := c.Wire[side.String()]
			var frames int
			for _, f := range r.frames {
				if port(f.Conn) != c.ClientPort || f.From != side {
					continue
				}
				if frames < len(w.FrameList) {
					want := w.FrameList[frames]
					h := f.Header
					fin := uint64(0)
					if h.FIN {
						fin = 1
					}
					rsv := uint64(0)
					for i, bit := range []event.RSV{event.RSV3, event.RSV2, event.RSV1} {
						if h.RSV&bit != 0 {
							rsv |= 1 << i
						}
					}
					// a fifth element says in words that the frame was cut
					if got := fmt.Sprint(uint8(h.Opcode), fin, rsv, h.Length); got != fmt.Sprintf("%s %s %s %s", want[0], want[1], want[2], want[3]) {
						t.Errorf("case %s %s: frame %d is %v, want %v", c.Case, side, frames, got, want)
					}
				}
				frames++
			}
			if frames != w.Frames {
				t.Errorf("case %s %s: %d frames, want %d", c.Case, side, frames, w.Frames)
			}
			if broken {
				continue // what belongs to a message is then a matter of opinion
			}
			digest, messages, size := sha256.New(), 0, uint64(0)
			for _, m := range r.messages {
				if port(m.Conn) == c.ClientPort && m.From == side && m.Complete && m.Length.Known {
					digest.Write(m.Payload.Data)
					messages++
					size += m.Length.Value
				}
			}
			if messages != w.Messages || size != w.Size || w.SHA256 != hex.EncodeToString(digest.Sum(nil)) {
				t.Errorf("case %s %s: %d messages of %d octets, want %d of %d with digest %s", c.Case, side, messages, size, w.Messages, w.Size, w.SHA256)
			}
		}
	}
}
