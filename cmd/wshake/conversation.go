package main

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// conversations is what --follow takes, once or more: the number of a connection, of HTTP/2 with the stream, or the
// address of one of its ends. It is a pflag.Value.
type conversations []report.Target

func (c *conversations) String() string {
	var words []string
	for _, t := range *c {
		words = append(words, t.String())
	}
	return strings.Join(words, ",")
}

func (c *conversations) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		t, err := target(word)
		if err != nil {
			return err
		}
		*c = append(*c, t)
	}
	return nil
}

func target(word string) (t report.Target, err error) {
	if t.Peer, err = netip.ParseAddrPort(word); err == nil {
		return t, nil
	}
	conn, stream, multiplexed := strings.Cut(word, "/")
	if t.Conn, err = strconv.ParseUint(conn, 10, 64); err == nil && multiplexed {
		t.Stream = event.Opt[uint64]{Known: true}
		t.Stream.Value, err = strconv.ParseUint(stream, 10, 32)
	}
	if err != nil || t.Conn == 0 {
		return t, errors.New("neither a number, CONN/STREAM nor ADDRESS:PORT")
	}
	return t, nil
}

func (c *conversations) Type() string { return "CONN" }
