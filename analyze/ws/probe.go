package ws

import (
	"wshake/analyze/event"
)

// Verdict is what Probe makes of a connection.
type Verdict uint8

const (
	ProbeMore Verdict = iota // not decided yet: ask again with more
	ProbeYes                 // WebSocket
	ProbeNo                  // something else
)

// String is "more", "yes" or "no".
func (v Verdict) String() string { return [...]string{"more", "yes", "no"}[v] }

// Guess is the answer of Probe.
type Guess struct {
	Verdict Verdict
	Client  event.Side // who masks, with ProbeYes: its index in the segments
	Bits    int        // of evidence, both directions together
}

const (
	// probeEnough asks for four frames that fill their segments, or seven that do not.
	probeEnough = 40
	// probeTried is how many segments of a direction are tried as the place where a frame begins.
	probeTried = 8
	// probeMost is how many octets of a direction are looked at.
	probeMost = 32 << 10
)

// Probe says whether a connection whose beginning was not captured is WebSocket, from the first segments of each
// direction, which are only read. An empty direction is one that was not captured, or that said nothing so far.
//
// It says yes on probeEnough bits of evidence (chain.go): frames with the mask bit always set one way and never the
// other, minimal lengths, legal opcodes, RSV1 where compression allows it, fragments in order, UTF-8 text, each where
// the one before says it begins. Each direction that has said a whole header must contribute. Random octets reach 40
// bits in about one of 2^35 connections (up to 16 places in each are tried under two assumptions). It says no when no
// frame begins with any of a direction's first eight segments, or 32 KiB decided nothing. What a first segment looks
// like (WhatIsThis) is not asked: in mid-stream it may be the middle of a frame.
func Probe(segments [2][][]byte) Guess {
	var flows [2]held
	for dir, list := range segments {
		for _, p := range list {
			if room := probeMost - len(flows[dir].octets); room > 0 && len(p) > 0 {
				flows[dir].add(&At{}, p[:min(len(p), room)])
			}
		}
	}
	best := Guess{Verdict: ProbeNo}
	for _, client := range [...]event.Side{event.Client, event.Server} {
		if g := probeAs(&flows, client); g.Verdict != ProbeNo && (best.Verdict == ProbeNo || g.Bits > best.Bits) {
			best = g
		}
	}
	return best
}

// probeAs weighs the evidence that client is the client.
func probeAs(flows *[2]held, client event.Side) Guess {
	g := Guess{Verdict: ProbeMore, Client: client}
	full, mute := false, false
	for dir := range flows {
		h := &flows[dir]
		a := agreement{rsv: event.RSV1, deflate: true, masked: event.Side(dir) == client}
		bits := 0
		for _, p := range h.pieces[:min(len(h.pieces), probeTried)] {
			bits = max(bits, a.chain(h, p.start, probeEnough))
		}
		if bits == 0 && len(h.pieces) >= probeTried {
			return Guess{Verdict: ProbeNo}
		}
		g.Bits += bits
		mute = mute || bits == 0 && len(h.octets) >= MaxHeader
		full = full || len(h.octets) >= probeMost
	}
	switch {
	case g.Bits >= probeEnough && !mute:
		g.Verdict = ProbeYes
	case full:
		g.Verdict = ProbeNo
	}
	return g
}
