package html

// DefaultPayload is how many octets of each message the page shows, if the user does not say otherwise.
const DefaultPayload = 4 << 10

// Limits bound the page and the memory that it takes to make it. A zero field means its default.
type Limits struct {
	Items       int // messages and control frames that are listed one by one; default 250,000
	Handshakes  int // listed with their heads; half of them are kept for failed ones; default 20,000
	Connections int // listed; default 20,000
	Findings    int // told in full; default 5,000
	Caveats     int // told in full; default 2,000
	Payload     int // octets of all payloads, before compression; default 64 MiB
	Compressed  int // octets of all payloads, compressed; default 7 MiB
	Heads       int // octets of all heads; default 32 MiB
	Words       int // octets of what messages say, in words; default 8 MiB
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field *int
		n     int
	}{
		{&l.Items, 250_000}, {&l.Handshakes, 20_000}, {&l.Connections, 20_000}, {&l.Findings, 5_000}, {&l.Caveats, 2_000},
		{&l.Payload, 64 << 20}, {&l.Compressed, 7 << 20}, {&l.Heads, 32 << 20}, {&l.Words, 8 << 20},
	} {
		if *f.field == 0 {
			*f.field = f.n
		}
	}
	return l
}
