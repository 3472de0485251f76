package report

import (
	"bytes"
	"strings"
	"testing"
	"wshake/analyze/event"
)

// What each kind of event leaves in the outputs, and nothing else does.
var traces = []struct {
	show       event.Kinds
	json, text string
}{
	{event.KindHandshake, `"type":"handshake"`, "101 established"},
	{event.KindFrame, `"type":"frame"`, "frame "},
	{event.KindMessage, `"type":"message"`, "message "},
	{event.KindConnection, `"type":"connection"`, "client reset"},
	{event.KindFinding, `"type":"finding"`, "does not answer the key"},
	{event.KindCaveat, `"type":"caveat"`, "caveat gap"},
	{event.KindSummary, `"type":"summary"`, "1,204 packets"},
}

func TestOnlyWhatIsAskedForIsPrinted(t *testing.T) {
	for show := range event.AllKinds + 1 {
		var asJSON, asText bytes.Buffer
		for _, w := range []writer{NewJSON(&asJSON, Options{Show: show}), NewText(&asText, Options{Show: show})} {
			tell(w)
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		for _, trace := range traces {
			for _, c := range []struct{ printed, mark string }{{asJSON.String(), trace.json}, {asText.String(), trace.text}} {
				if got, want := strings.Contains(c.printed, c.mark), show&trace.show != 0; got != want {
					t.Errorf("show %07b: %q printed: %t, want %t", show, c.mark, got, want)
				}
			}
		}
		if show == 0 && asJSON.Len()+asText.Len() > 0 {
			t.Errorf("nothing asked for, %q and %q printed", asJSON.String(), asText.String())
		}
	}
}

// What is about the run as a whole has no connection.
func TestCaveatOfTheRun(t *testing.T) {
	var b bytes.Buffer
	w := NewText(&b, Options{Show: event.KindCaveat | event.KindMessage})
	w.Caveat(&event.Caveat{At: at(9, 50), Name: "encrypted", Text: "some packets were encrypted"})
	if err := w.Flush(); err != nil || strings.Contains(b.String(), "#") || !strings.Contains(b.String(), "encrypted") {
		t.Errorf("%v: %s", err, b.String())
	}
}

// The findings come at the end also where no summary is delivered.
func TestFlushEndsTheReport(t *testing.T) {
	var b bytes.Buffer
	w := NewText(&b, Options{Show: overviewKinds})
	w.Finding(mismatch)
	for range 2 {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(b.String(), "accept-mismatch"); n != 1 {
		t.Errorf("the finding is printed %d times", n)
	}
}
