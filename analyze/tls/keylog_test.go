package tls

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestKeyLog(t *testing.T) {
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
		"endless line":        {strings.Repeat("A", MaxKeyLogLine+1) + "\nCLIENT_RANDOM " + random + " " + master + "\n", Tally{Secrets: 1, Bad: 1}, ErrLineTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			var k KeyLog
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
func TestKeyLogThatGrows(t *testing.T) {
	log := "# begins\n" + scriptKeyLog()
	var k KeyLog
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

func TestKeyLogIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a million lines")
	}
	var k KeyLog
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

// Readers and writers at once, for the race detector.
func TestKeyLogIsShared(t *testing.T) {
	var k KeyLog
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { k.Add(strings.NewReader(scriptKeyLog())) })
		all.Go(func() {
			_, _, d := greeting()
			d.play(t, &k, Config{})
		})
	}
	all.Wait()
}

func FuzzKeyLogLine(f *testing.F) {
	for line := range strings.Lines(scriptKeyLog()) {
		f.Add([]byte(line))
	}
	f.Add([]byte("CLIENT_RANDOM 00 11\n"))
	f.Add([]byte("# nothing\n\nRSA x y"))
	f.Add([]byte("RSA 0011223344556677 " + strings.Repeat("03", masterSize) + "\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		var whole, pieces KeyLog
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
func TestKeyLogLater(t *testing.T) {
	k := new(KeyLog)
	loaded := 0
	name := secretName{label: labelMaster}
	k.Later(func() {
		loaded++
		k.put(secretName{label: labelEarly}, []byte{1})
	})
	k.Later(func() {
		loaded++
		k.put(name, []byte{2})
	})
	if k.Len() != 0 || loaded != 0 {
		t.Fatal("loaded though nobody looked")
	}
	var looking sync.WaitGroup
	for range 8 {
		looking.Go(func() {
			if k.secret(&name) == nil {
				t.Error("not found")
			}
		})
	}
	looking.Wait()
	if k.Len() != 2 || loaded != 2 {
		t.Errorf("%d secrets, loaded %d times", k.Len(), loaded)
	}
}
