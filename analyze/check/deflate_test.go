package check

import (
	"slices"
	"testing"

	"wshake/analyze/http1"
)

func parseOne(t *testing.T, text string) http1.Extension {
	t.Helper()
	list, err := http1.ParseExtensions([]string{text})
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	return list[0]
}

func TestReadDeflate(t *testing.T) {
	for name, c := range map[string]struct {
		params  string
		answer  bool
		want    deflateParams
		illegal []string
	}{
		"none":             {},
		"all":              {params: "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15", want: deflateParams{8, 15, true, true}},
		"quoted":           {params: `; server_max_window_bits="10"`, want: deflateParams{serverBits: 10}},
		"bareClientOffer":  {params: "; client_max_window_bits", want: deflateParams{clientBits: -1}},
		"bareClientAnswer": {params: "; client_max_window_bits", answer: true, want: deflateParams{clientBits: -1}, illegal: []string{"client_max_window_bits has no value"}},
		"bareServer":       {params: "; server_max_window_bits", want: deflateParams{serverBits: -1}, illegal: []string{"server_max_window_bits has no value"}},
		"below":            {params: "; server_max_window_bits=7", want: deflateParams{serverBits: -1}, illegal: []string{"server_max_window_bits=7 is not a number from 8 to 15"}},
		"above":            {params: "; client_max_window_bits=16", want: deflateParams{clientBits: -1}, illegal: []string{"client_max_window_bits=16 is not a number from 8 to 15"}},
		"leadingZero":      {params: "; client_max_window_bits=08", want: deflateParams{clientBits: -1}, illegal: []string{"client_max_window_bits=08 is not a number from 8 to 15"}},
		"sign":             {params: "; client_max_window_bits=+9", want: deflateParams{clientBits: -1}, illegal: []string{"client_max_window_bits=+9 is not a number from 8 to 15"}},
		"takeoverValue":    {params: "; client_no_context_takeover=1", want: deflateParams{clientNoTakeover: true}, illegal: []string{`client_no_context_takeover has the value "1"`}},
		"twice":            {params: "; client_max_window_bits=9; client_max_window_bits=10", want: deflateParams{clientBits: 9}, illegal: []string{"client_max_window_bits stands twice"}},
		"unknown":          {params: "; level=9; x", illegal: []string{`"level" is not a parameter of permessage-deflate`, `"x" is not a parameter of permessage-deflate`}},
	} {
		got, illegal := readDeflate(parseOne(t, pmd+c.params), c.answer)
		if got != c.want || !slices.Equal(illegal, c.illegal) {
			t.Errorf("%s: %+v %q, want %+v %q", name, got, illegal, c.want, c.illegal)
		}
	}
}

func TestMisfits(t *testing.T) {
	for name, c := range map[string]struct {
		offer, answer string
		want          []string
	}{
		"plain":             {},
		"bitsAgreed":        {offer: "; server_max_window_bits=10; client_max_window_bits=10", answer: "; server_max_window_bits=10; client_max_window_bits=10"},
		"bitsLowered":       {offer: "; server_max_window_bits=10; client_max_window_bits", answer: "; server_max_window_bits=9; client_max_window_bits=8"},
		"unasked":           {answer: "; server_max_window_bits=9; server_no_context_takeover; client_no_context_takeover"},
		"hintLeftOut":       {offer: "; client_no_context_takeover"},
		"clientBitsLeftOut": {offer: "; client_max_window_bits=9"},
		"clientBitsUnasked": {answer: "; client_max_window_bits=15", want: []string{"deflate-client-window-not-offered"}},
		"clientBitsRaised":  {offer: "; client_max_window_bits=9", answer: "; client_max_window_bits=10", want: []string{"deflate-client-window-larger"}},
		"serverBitsLeftOut": {offer: "; server_max_window_bits=9", want: []string{"deflate-server-window"}},
		"serverBitsRaised":  {offer: "; server_max_window_bits=9", answer: "; server_max_window_bits=10", want: []string{"deflate-server-window"}},
		"serverBitsIllegal": {offer: "; server_max_window_bits=9", answer: "; server_max_window_bits=99"}, // deflate-answer-invalid speaks
		"takeoverLeftOut":   {offer: "; server_no_context_takeover", want: []string{"deflate-server-takeover"}},
		"all":               {offer: "; server_no_context_takeover; server_max_window_bits=9", answer: "; client_max_window_bits=9", want: []string{"deflate-server-takeover", "deflate-server-window", "deflate-client-window-not-offered"}},
	} {
		offer, _ := readDeflate(parseOne(t, pmd+c.offer), false)
		answer, _ := readDeflate(parseOne(t, pmd+c.answer), true)
		var got []string
		for _, u := range misfits(offer, answer) {
			got = append(got, u.check)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAgreedDeflate(t *testing.T) {
	if d := agreedDeflate([]http1.Extension{parseOne(t, "x-example")}); d != nil {
		t.Errorf("another extension gives %+v", d)
	}
	d := agreedDeflate([]http1.Extension{parseOne(t, "x-example"), parseOne(t, pmd+"; server_max_window_bits=9; client_no_context_takeover")})
	if d == nil || d.WindowBits != [2]int{15, 9} || d.NoContextTakeover != [2]bool{true, false} {
		t.Errorf("agreed %+v", d)
	}
}
