package main

// listen makes the output of a live capture, one that packets never wait for, and tells the analysis that it is live.
// cancel ends the capture; that is called when nobody reads the output any more.
func (o *options) listen(std stdio, end *ending, width int, src *input, cancel func()) *queued {
	behind := newQueue(end.writer(std.out))
	q := &queued{output: o.receiver(behind, width, src), queue: behind, size: queueSize}
	go func() {
		if unread(std.out) {
			cancel()
		}
	}()
	o.config.Live.On = true
	o.config.Live.Dropped = src.dropped
	o.config.Live.Delivered = func() { q.Pause() }
	return q
}
