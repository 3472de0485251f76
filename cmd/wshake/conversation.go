package main

import (
	"errors"
	"strconv"
	"strings"

	"wshake/analyze/event"
)

// conversation is what --follow takes: the number of a connection, and of HTTP/2 the stream. It is a pflag.Value.
type conversation struct {
	conn   uint64
	stream event.Opt[uint64]
}

func (c *conversation) String() string {
	if c.conn == 0 {
		return ""
	}
	return (&event.Conn{Ordinal: c.conn, Stream: c.stream}).String()
}

func (c *conversation) Set(s string) (err error) {
	conn, stream, multiplexed := strings.Cut(s, "/")
	*c = conversation{}
	if c.conn, err = strconv.ParseUint(conn, 10, 64); err == nil && multiplexed {
		c.stream.Known = true
		c.stream.Value, err = strconv.ParseUint(stream, 10, 32)
	}
	if err != nil {
		return errors.New("neither a number nor CONN/STREAM")
	}
	return nil
}

func (c *conversation) Type() string { return "CONN" }
