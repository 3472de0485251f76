package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/analyze/report/html"
	"wshake/capture"
	"wshake/cmd/wshake/outfile"
)

// page writes the HTML page beside another output, or alone where rest is nil.
type page struct {
	*html.Page
	rest    output // nil where the page goes to standard output
	payload int    // octets of payload that rest asked for
	file    *outfile.File
	spool   *os.File // of payloads, where a browser will ask for them

	frame   event.Frame // as rest asked for it
	message event.Message
}

// withPage adds the page to the output out, where it was asked for.
func (o *options) withPage(ctx context.Context, out output, std stdio, src capture.Source) (output, error) {
	if o.html == "" && !o.view {
		return out, nil
	}
	p := &page{payload: o.payload}
	var w io.Writer = std.out
	limits := html.Limits{}
	if o.view {
		spool, err := newSpool()
		if err != nil {
			return nil, err
		}
		p.spool, limits = spool, html.Served()
	} else if o.html != "-" {
		file, err := o.outputs.CreateWhole(ctx, o.html)
		if err != nil {
			return nil, fmt.Errorf("--html %w", err)
		}
		w, p.file, p.rest = file, file, out
	}
	p.Page = html.New(w, report.Options{Names: src.Names, Redact: o.redact}, o.config.Payload, limits)
	if p.spool != nil {
		p.Serve(p.spool)
	}
	return p, nil
}

// asked is p cut to what the other output asked for.
func (p *page) asked(payload event.Payload) event.Payload {
	if p.payload == 0 {
		return event.Payload{}
	}
	if len(payload.Data) > p.payload {
		payload.Data, payload.Truncated = payload.Data[:p.payload], true
	}
	return payload
}

func (p *page) Handshake(e *event.Handshake) {
	p.Page.Handshake(e)
	if p.rest != nil {
		p.rest.Handshake(e)
	}
}

func (p *page) Frame(e *event.Frame) {
	p.Page.Frame(e)
	if p.rest != nil {
		p.frame = *e
		p.frame.Payload = p.asked(e.Payload)
		p.rest.Frame(&p.frame)
	}
}

func (p *page) Message(e *event.Message) {
	p.Page.Message(e)
	if p.rest != nil {
		p.message = *e
		p.message.Payload = p.asked(e.Payload)
		p.rest.Message(&p.message)
	}
}

func (p *page) Connection(e *event.Connection) {
	p.Page.Connection(e)
	if p.rest != nil {
		p.rest.Connection(e)
	}
}

func (p *page) Finding(e *event.Finding) {
	p.Page.Finding(e)
	if p.rest != nil {
		p.rest.Finding(e)
	}
}

func (p *page) Caveat(e *event.Caveat) {
	p.Page.Caveat(e)
	if p.rest != nil {
		p.rest.Caveat(e)
	}
}

func (p *page) Summary(e *event.Summary) {
	p.Page.Summary(e)
	if p.rest != nil {
		p.rest.Summary(e)
	}
}

func (p *page) Pause() error {
	if p.rest != nil {
		return p.rest.Pause()
	}
	return nil
}

// Err is of the other output: the page is written at the end.
func (p *page) Err() error {
	if p.rest != nil {
		return p.rest.Err()
	}
	return p.Page.Err()
}

// Flush writes the page, and what the other output holds back even where that fails.
func (p *page) Flush() error {
	if p.spool != nil {
		return nil // a browser takes it
	}
	err := p.Page.Flush()
	if p.file != nil {
		if err == nil {
			err = p.file.Commit()
		}
		p.file.Close() // removes what was not committed
		if err != nil {
			err = fmt.Errorf("--html: %w", err)
		}
	}
	if p.rest != nil {
		err = errors.Join(p.rest.Flush(), err)
	}
	return err
}
