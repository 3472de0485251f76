package main

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/redact"
)

// redacted is an output that is given events without secrets.
type redacted struct {
	output
	events *redact.Receiver
}

func (r *redacted) Handshake(e *event.Handshake)   { r.events.Handshake(e) }
func (r *redacted) Frame(e *event.Frame)           { r.events.Frame(e) }
func (r *redacted) Message(e *event.Message)       { r.events.Message(e) }
func (r *redacted) Connection(e *event.Connection) { r.events.Connection(e) }
func (r *redacted) Finding(e *event.Finding)       { r.events.Finding(e) }
func (r *redacted) Caveat(e *event.Caveat)         { r.events.Caveat(e) }
func (r *redacted) Summary(e *event.Summary)       { r.events.Summary(e) }

// withoutSecrets puts the redaction in front of an output where it was asked for, and says what it does not cover.
func (o *options) withoutSecrets(out output, std stdio) output {
	if !o.redact {
		return out
	}
	if o.write != "" || o.packets != "" {
		std.complain("--redact does not change the packets that --write keeps")
	}
	if o.payloadAsked && o.scope == redact.All {
		std.complain("--redact hides payloads; --redact=headers shows them")
	}
	return &redacted{out, redact.To(out, o.scope)}
}

// Words for --redact.
const (
	redactAll     = "all"
	redactHeaders = "headers"
)

func (o *options) setRedact(word string) error {
	switch word {
	case "":
		return nil
	case redactHeaders:
		o.scope = redact.Heads
	case redactAll:
	default:
		return fmt.Errorf("--redact=%s: it is --redact for all, or --redact=headers", word)
	}
	o.redact = true
	return nil
}

// redacting puts the redaction in front of a receiver where it was asked for.
func (o *options) redacting(to event.Receiver) event.Receiver {
	if !o.redact {
		return to
	}
	return redact.To(to, o.scope)
}
