//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/capture"
	"wshake/testdata/hostile"
	"wshake/testdata/need"
)

// Every octet behind the heads that both peers acknowledged is shown as part of a frame, or named by its side and
// number: as a gap, as passed over, as what can be no frames from an offset on, as behind an end. What is named may not
// be more than what was said.
func TestHostileOctetsAreShownOrNamed(t *testing.T) {
	conversations, first, seeds := need.Rounds(300, 40), uint64(1), uint64(need.Rounds(3, 1))
	if n, err := strconv.ParseUint(os.Getenv("WSHAKE_HOSTILE_SEED"), 10, 64); err == nil {
		first = n
	}
	if n, err := strconv.ParseUint(os.Getenv("WSHAKE_HOSTILE_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	judged := 0
	for seed := first; seed < first+seeds; seed++ {
		told := hostileAccounts(t, hostile.Conversations(seed, conversations))
		for _, truth := range hostile.Truths(seed, conversations) {
			a := told[truth.Client]
			if a == nil || a.handshake == nil {
				continue // laws about handshakes are others
			}
			judged++
			var missing [2]uint64
			for side := range missing {
				missing[side] = a.missing(event.Side(side), truth)
			}
			// Of what is behind an end the number is of both sides together.
			if missing[0]+missing[1] > a.behind {
				t.Errorf("seed %d, %s: of %d octets that were said nothing is told of %d, and %d are named behind an "+
					"end: %+v, %v", seed, truth.Client,
					truth.Told, missing, a.behind, a.sides, a.all[max(0, len(a.all)-6):])
			}
		}
	}
	if t.Logf("%d conversations", judged); judged == 0 {
		t.Error("nothing was judged")
	}
}

// hostileAccounts are what is told of each connection, by the client's address and port.
func hostileAccounts(t *testing.T, packets func(func(hostile.Packet) bool)) map[string]*hostileAccount {
	file := filepath.Join(t.TempDir(), "capture")
	f, err := os.Create(file)
	if err == nil {
		err = hostile.WritePcap(f, packets)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := capture.Open([]string{file}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	config := analyze.Config{Want: event.AllKinds | event.KindFrame, Payload: 1 << 20}
	config.Limits.FitMemory(64 << 20)
	told := make(map[string]*hostileAccount)
	for e, err := range analyze.Events(context.Background(), source, config) {
		if err != nil {
			t.Fatal(err)
		}
		of := func(conn *event.Conn) *hostileAccount {
			client := conn.Peer[event.Client].String()
			if told[client] == nil {
				told[client] = new(hostileAccount)
			}
			return told[client]
		}
		switch e := e.(type) {
		case *event.Handshake:
			if a := of(e.Conn); e.Response != nil && e.Response.Status == 101 && a.handshake == nil {
				kept := *e
				a.handshake = &kept
			}
		case *event.Frame:
			of(e.Conn).frame(e)
		case *event.Caveat:
			if e.Conn != nil {
				of(e.Conn).caveat(e)
			}
		case *event.Finding:
			if e.Conn != nil {
				of(e.Conn).finding(e.Name, e.Text)
			}
		}
	}
	return told
}

// hostileAccount is what was told of a connection.
type hostileAccount struct {
	handshake *event.Handshake // with an answer of 101
	sides     [2]hostileSide
	behind    uint64    // octets of both sides behind an end
	passed    [2]uint64 // octets by side in front of the first message
	all       []string
}

// hostileSide counts the octets of a side behind its head.
type hostileSide struct {
	shown, named uint64
	over         bool   // from an offset on nothing is read, and that is said
	until        uint64 // that offset
	unseen       bool   // no packet of it was captured
}

func (a *hostileAccount) frame(e *event.Frame) {
	s := &a.sides[e.From]
	s.shown += uint64(e.Header.Size) + uint64(len(e.Payload.Data))
	for _, r := range e.Payload.Unknown {
		s.shown -= r.Length
	}
}

func (a *hostileAccount) caveat(e *event.Caveat) {
	a.finding(e.Name, e.Text)
	if m := hostileGap.FindStringSubmatch(e.Text); e.Name == "gap" && m != nil {
		a.sides[event.Client].named += hostileNumber(m[1])
		a.sides[event.Server].named += hostileNumber(m[2])
	}
	if m := hostilePassed.FindStringSubmatch(e.Text); m != nil {
		a.passed = [2]uint64{hostileNumber(m[1]), hostileNumber(m[2])}
	}
	for side := range a.sides {
		if s := &a.sides[side]; strings.Contains(e.Text, event.Side(side).String()+"'s") || e.Name == "held-limit" &&
			side == 0 {
			switch e.Name {
			case "gap", "undecoded", "resynchronised", "held-limit":
				if !strings.Contains(e.Text, "head") { // which is told of by itself
					s.named += e.Bytes.Value
				}
			}
		} else if e.Name == "one-direction" && strings.Contains(e.Text, "of the "+event.Side(side).String()) {
			s.unseen = true
		}
	}
	if e.Name == "behind-end" {
		a.behind += e.Bytes.Value
	}
}

// hostileGap finds how many octets of both sides are beyond the snap length.
var hostileGap = regexp.MustCompile(`^([0-9]+) octets of the client and ([0-9]+) of the server`)

// hostilePassed finds how many octets of both sides are in front of the first message.
var hostilePassed = regexp.MustCompile(`([0-9]+) octets of the client and ([0-9]+) of the server were passed over`)

func hostileNumber(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

// hostileFrom finds from where on a finding or caveat says that a side's octets are not read.
var hostileFrom = regexp.MustCompile(`^the (client|server)'s octets (?:from|at) offset ([0-9]+) (?:on cannot be frames|on are counted|are no)`)

func (a *hostileAccount) finding(name, text string) {
	a.all = append(a.all, name+": "+text)
	if m := hostileFrom.FindStringSubmatch(text); m != nil {
		side := event.Client
		if m[1] == "server" {
			side = event.Server
		}
		s := &a.sides[side]
		s.over = true
		s.until = hostileNumber(m[2])
	}
}

// missing counts the octets of a side behind its head of which nothing is told.
func (a *hostileAccount) missing(side event.Side, truth hostile.Truth) uint64 {
	head, s := [2]*event.Head{a.handshake.Request, a.handshake.Response}[side], &a.sides[side]
	if head == nil && side == event.Client && !s.unseen && !s.over {
		known := a.passed[side] + s.shown + s.named
		if a.handshake.Forwarded != nil {
			known += truth.Front[side]
		}
		return truth.Told[side] - min(truth.Told[side], known+halfHeader)
	}
	if head == nil || s.unseen || a.handshake.Conn.Midstream && truth.Asked > 1 {
		return 0 // where its frames begin is not known
	}
	begin := head.Offset + head.Length
	if a.handshake.Forwarded != nil || a.handshake.Conn.Midstream { // what came before was passed over
		begin += truth.Front[side]
	}
	end := truth.Told[side]
	if s.over {
		end = min(end, begin+s.until)
	}
	known := begin + s.shown + s.named
	if known >= end || s.named > 0 && end-known < halfHeader {
		return 0
	}
	return end - known
}

// halfHeader is the length of a frame's longest header. What is read of one in front of a gap belongs to the gap.
const halfHeader = 14
