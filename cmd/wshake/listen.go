package main

import "io"

// listen makes the output of a live capture, one that packets never wait for, and tells the analysis that it is live.
// cancel ends the capture; that is called when nobody reads the output any more.
// file is that of --output-file, nil where there is none; release ends what was begun for it.
func (o *options) listen(std stdio, end *ending, width int, src *input, file *outputFile, cancel func()) (q *queued, release func()) {
	release = func() {}
	end.lines.Store(true)
	if file != nil {
		behind := newQueue(end.writer(file))
		r := o.rolled(file, behind, func(w io.Writer) output { return o.receiver(w, 0, src) })
		q = &queued{output: r, queue: behind, size: queueSize}
		release = r.onHangup(std)
	} else {
		behind := newQueue(end.writer(std.out))
		q = &queued{output: o.receiver(behind, width, src), queue: behind, size: queueSize}
		go func() {
			if unread(std.out) {
				cancel()
			}
		}()
	}
	o.config.Live.On = true
	o.config.Live.Dropped = src.dropped
	o.config.Live.Delivered = func() { q.Pause() }
	return q, release
}
