package keylog

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"wshake/testdata/need"
)

// sample is the key log of one connection of TLS 1.3.
func sample() string {
	var b strings.Builder
	for i, label := range []string{"CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} {
		fmt.Fprintf(&b, "%s %064x %064x\n", label, 0x1234, i)
	}
	return b.String()
}

func TestLines(t *testing.T) {
	random := strings.Repeat("0a", 32)
	master, secret := strings.Repeat("5c", 48), strings.Repeat("5C", 32)
	for name, test := range map[string]struct {
		log  string
		want Tally
		err  error // of the bad line
	}{
		"empty":               {"", Tally{}, nil},
		"comments":            {"# a comment\n\n   \n#" + master + "\n", Tally{}, nil},
		"master":              {"CLIENT_RANDOM " + random + " " + master + "\n", Tally{Secrets: 1}, nil},
		"without line end":    {"CLIENT_RANDOM " + random + " " + master, Tally{Secrets: 1}, nil},
		"CRLF":                {"CLIENT_RANDOM " + random + " " + master + "\r\n", Tally{Secrets: 1}, nil},
		"capital digits":      {"CLIENT_RANDOM " + strings.ToUpper(random) + " " + strings.ToUpper(master) + "\n", Tally{Secrets: 1}, nil},
		"traffic":             {"CLIENT_TRAFFIC_SECRET_0 " + random + " " + secret + "\nSERVER_TRAFFIC_SECRET_9 " + random + " " + master + "\n", Tally{Secrets: 2}, nil},
		"premaster":           {"RSA 0011223344556677 " + master + "\n", Tally{Secrets: 1}, nil},
		"not for records":     {"EXPORTER_SECRET " + random + " " + secret + "\nCLIENT_TRAFFIC_SECRET_10 " + random + " " + secret + "\n", Tally{Ignored: 2}, nil},
		"no number":           {"CLIENT_TRAFFIC_SECRET_ " + random + " " + secret + "\n", Tally{Bad: 1}, ErrLabel},
		"short random":        {"CLIENT_RANDOM " + random[2:] + " " + master + "\n", Tally{Bad: 1}, ErrClientRandom},
		"random of letters":   {"CLIENT_RANDOM " + random[2:] + "zz " + master + "\n", Tally{Bad: 1}, ErrClientRandom},
		"short name":          {"RSA 00112233445566 " + master + "\n", Tally{Bad: 1}, ErrEncrypted},
		"name of letters":     {"RSA 00112233445566zz " + master + "\n", Tally{Bad: 1}, ErrEncrypted},
		"random as a name":    {"RSA " + random + " " + master + "\n", Tally{Bad: 1}, ErrEncrypted},
		"short premaster":     {"RSA 0011223344556677 " + secret + "\n", Tally{Bad: 1}, ErrSecret},
		"short secret":        {"CLIENT_RANDOM " + random + " " + secret + "\n", Tally{Bad: 1}, ErrSecret},
		"odd secret":          {"SERVER_TRAFFIC_SECRET_0 " + random + " " + secret + "5\n", Tally{Bad: 1}, ErrSecret},
		"secret of letters":   {"SERVER_TRAFFIC_SECRET_0 " + random + " " + secret[2:] + "xy\n", Tally{Bad: 1}, ErrSecret},
		"two words":           {"CLIENT_RANDOM " + random + "\n", Tally{Bad: 1}, ErrLineWords},
		"four words":          {"CLIENT_RANDOM " + random + " " + master + " x\n", Tally{Bad: 1}, ErrLineWords},
		"a word in lowercase": {"client_random " + random + " " + master + "\n", Tally{Bad: 1}, ErrLabel},
		"octets":              {"\x00\xff\n", Tally{Bad: 1}, ErrLabel},
		"endless line":        {strings.Repeat("A", MaxLine+1) + "\nCLIENT_RANDOM " + random + " " + master + "\n", Tally{Secrets: 1, Bad: 1}, ErrLineTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			var k Log
			got, err := k.Add(strings.NewReader(test.log))
			lines := got.BadLines
			got.BadLines = nil
			if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) || len(lines) != test.want.Bad || k.Len() != test.want.Secrets {
				t.Errorf("%+v %v %v", got, lines, err)
			}
			for _, line := range lines {
				if !errors.Is(line, test.err) || line.Number != 1 {
					t.Error(line)
				}
				if said := strings.ToLower(line.Error()); strings.Contains(said, "5c5c") || strings.Contains(said, "0a0a") {
					t.Error("a line is repeated:", line)
				}
			}
		})
	}
}

// A line counts once its end was written, wherever the pieces end.
func TestFeedInPieces(t *testing.T) {
	log := "# begins\n" + sample()
	var k Log
	f := k.NewFeed()
	for i := range len(log) {
		if want := strings.Count(log[:i], "\n") - 1; k.Len() != max(want, 0) {
			t.Fatalf("%d secrets after %d octets, want %d", k.Len(), i, want)
		}
		f.Write([]byte{log[i]})
	}
	if got := f.Tally(); got.Secrets != 5 || got.Bad > 0 {
		t.Errorf("%+v", got)
	}
}

func TestLogIsBounded(t *testing.T) {
	need.Long(t) // a quarter of a million lines
	var k Log
	f := k.NewFeed()
	secret := strings.Repeat("11", 48)
	for i := range MaxSecrets + 3 {
		fmt.Fprintf(f, "CLIENT_RANDOM %064x %s\n", i, secret)
	}
	fmt.Fprintf(f, "CLIENT_RANDOM %064x %s\n", 0, secret) // known, so it takes no room
	if got := f.Tally(); k.Len() != MaxSecrets || got.Refused != 3 || got.Secrets != MaxSecrets+1 {
		t.Errorf("%d secrets, %+v", k.Len(), got)
	}
	bad := k.NewFeed()
	fmt.Fprint(bad, strings.Repeat("bad\n", 1000))
	if got := bad.Tally(); got.Bad != 1000 || len(got.BadLines) != maxBadLines {
		t.Errorf("%d bad lines, %d named", got.Bad, len(got.BadLines))
	}
}

func FuzzLines(f *testing.F) {
	for line := range strings.Lines(sample()) {
		f.Add([]byte(line))
	}
	f.Add([]byte("CLIENT_RANDOM 00 11\n"))
	f.Add([]byte("# nothing\n\nRSA x y"))
	f.Add([]byte("RSA 0011223344556677 " + strings.Repeat("03", MasterSize) + "\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		var whole, pieces Log
		want, err := whole.Add(strings.NewReader(string(log)))
		if err != nil {
			t.Fatal(err)
		}
		feed := pieces.NewFeed()
		for _, c := range log {
			feed.Write([]byte{c})
		}
		feed.Close()
		if got := feed.Tally(); fmt.Sprint(got) != fmt.Sprint(want) || pieces.Len() != whole.Len() {
			t.Errorf("%+v in pieces, %+v at once", got, want)
		}
		if whole.Len() > want.Secrets {
			t.Errorf("%d secrets of %d lines", whole.Len(), want.Secrets)
		}
		for _, line := range want.BadLines {
			if said := line.Error(); len(said) > 120 {
				t.Errorf("a line is repeated: %q", said)
			}
		}
	})
}

// What is put off is loaded once, when the first secret is looked for, and whoever looks meanwhile sees it.
func TestLater(t *testing.T) {
	k := new(Log)
	loaded := 0
	name := Name{Label: Master}
	k.Later(func() {
		loaded++
		k.put([32]byte{}, &secret{label: EarlyTraffic, size: 32})
	})
	k.Later(func() {
		loaded++
		k.put([32]byte{}, &secret{label: Master, size: MasterSize})
	})
	if k.Len() != 0 || loaded != 0 {
		t.Fatal("loaded though nobody looked")
	}
	var looking sync.WaitGroup
	for range 8 {
		looking.Go(func() {
			if k.Secret(&name) == nil {
				t.Error("not found")
			}
		})
	}
	looking.Wait()
	if k.Len() != 2 || loaded != 2 {
		t.Errorf("%d secrets, loaded %d times", k.Len(), loaded)
	}
}
