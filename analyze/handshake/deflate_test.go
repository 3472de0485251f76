package handshake

import (
	"slices"
	"testing"

	"wshake/analyze/http1"
)

func parseOne(t *testing.T, text string) *http1.Extension {
	t.Helper()
	list, err := http1.ParseExtensions([]string{text})
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	return &list[0]
}

func TestReadDeflate(t *testing.T) {
	for name, c := range map[string]struct {
		params string
		role   role
		want   DeflateParams
		faults []DeflateFault
	}{
		"none":             {},
		"all":              {params: "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15", want: DeflateParams{8, 15, true, true}},
		"quoted":           {params: `; server_max_window_bits="10"`, want: DeflateParams{ServerBits: 10}},
		"bareClientOffer":  {params: "; client_max_window_bits", want: DeflateParams{ClientBits: -1}},
		"bareClientAnswer": {params: "; client_max_window_bits", role: answered, want: DeflateParams{ClientBits: -1}, faults: []DeflateFault{{ValueMissing, "client_max_window_bits", ""}}},
		"bareServer":       {params: "; server_max_window_bits", want: DeflateParams{ServerBits: -1}, faults: []DeflateFault{{ValueMissing, "server_max_window_bits", ""}}},
		"below":            {params: "; server_max_window_bits=7", want: DeflateParams{ServerBits: -1}, faults: []DeflateFault{{ValueIllegal, "server_max_window_bits", "7"}}},
		"above":            {params: "; client_max_window_bits=16", want: DeflateParams{ClientBits: -1}, faults: []DeflateFault{{ValueIllegal, "client_max_window_bits", "16"}}},
		"leadingZero":      {params: "; client_max_window_bits=08", want: DeflateParams{ClientBits: -1}, faults: []DeflateFault{{ValueIllegal, "client_max_window_bits", "08"}}},
		"sign":             {params: "; client_max_window_bits=+9", want: DeflateParams{ClientBits: -1}, faults: []DeflateFault{{ValueIllegal, "client_max_window_bits", "+9"}}},
		"takeoverValue":    {params: "; client_no_context_takeover=1", want: DeflateParams{ClientNoTakeover: true}, faults: []DeflateFault{{ValueUnwanted, "client_no_context_takeover", "1"}}},
		"twice":            {params: "; client_max_window_bits=9; client_max_window_bits=10", want: DeflateParams{ClientBits: 9}, faults: []DeflateFault{{RepeatedParam, "client_max_window_bits", "10"}}},
		"unknown":          {params: "; level=9; x; x", faults: []DeflateFault{{UnknownParam, "level", "9"}, {UnknownParam, "x", ""}, {RepeatedParam, "x", ""}}},
	} {
		got := readDeflate(parseOne(t, Deflate+c.params), c.role)
		if got.Params != c.want || !slices.Equal(got.Faults, c.faults) {
			t.Errorf("%s: %+v %v, want %+v %v", name, got.Params, got.Faults, c.want, c.faults)
		}
	}
}

func TestAgreed(t *testing.T) {
	e := readDeflate(parseOne(t, Deflate+"; server_max_window_bits=9; client_no_context_takeover"), answered)
	if d := e.agreed(); d.WindowBits != [2]int{15, 9} || d.NoContextTakeover != [2]bool{true, false} {
		t.Errorf("agreed %+v", d)
	}
}
