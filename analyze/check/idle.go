package check

import (
	"fmt"
	"math"
	"strings"
	"time"

	"wshake/analyze/event"
)

// Ends by time: what proxies and load balancers do to connections that are quiet, or old.

// Cut is the end of a conversation without a Close, and what else is known of those who may have cut it.
type Cut struct {
	*event.Abrupt
	// Hop is the proxy that this connection is a leg of, nil where the other leg was not captured.
	Hop *CutByHop
	// Product is what answered the handshake, or the proxy of the legs, nil where it is not known.
	Product *Product
	// ProxiedClient says that the client is a proxy: its request says for whom it was forwarded.
	ProxiedClient bool
	// SameIdle and SameAge are earlier ends at the same hop after the same silence, at the same age; nil where there are
	// none.
	SameIdle, SameAge *event.Abrupt
}

// CutByHop is a proxy between two legs.
type CutByHop struct {
	Name  string
	Side  event.Side    // which side of this connection it is
	Conn  *event.Conn   // the other leg
	Other *event.Abrupt // how that ended, or its first side, nil while it is open
	Limit LimitKind     // that the other leg ran into
}

// byHop says that the hop ended this leg of itself: the other leg was still open, or the hop ended that, too.
func (c *Cut) byHop() bool {
	h := c.Hop
	return h != nil && c.By.Known && c.By.Value == h.Side &&
		(h.Other == nil || h.Other.By.Known && h.Other.By.Value == h.Side.Other())
}

// relayed says that the hop only passed on the end of the other leg.
func (c *Cut) relayed() bool { return c.Hop != nil && c.Hop.Other != nil && !c.byHop() }

// Relayed is the end of the other leg that caused this one, nil where there is none.
func (c *Cut) Relayed() *event.Conn {
	if c.relayed() && c.By.Known && c.By.Value == c.Hop.Side && c.Hop.Other.At.Ordinal < c.At.Ordinal {
		return c.Hop.Conn
	}
	return nil
}

// Cut judges it.
func (s *Set) Cut(c *Cut) []*event.Finding {
	return s.selected(s.run(stageCut, 0, c.Conn, func(k *Check, r Report) { k.Cut(c, r) }))
}

// length is a length of time that somebody set: how long, and for what.
type length struct {
	ns   int64
	kind LimitKind
}

// LimitKind says what a connection had too much of.
type LimitKind uint8

const (
	noLength LimitKind = iota
	silence
	dataSilence
	age
)

// Kind says what limit the connection ran into, 0 for none.
func (c *Cut) Kind() LimitKind { return c.limit().kind }

const second = int64(time.Second)

// limit finds the limit that a connection ran into. A silence is none where an earlier one, which was as long, was
// survived.
func (c *Cut) limit() length {
	if c.relayed() {
		return length{}
	}
	idle, data := c.Idle, c.DataIdle
	idleFits := idle > c.LongestIdle
	dataFits := c.Controls > 0 && data > idle && data > c.LongestDataIdle
	old := c.Age > 0 && !c.Midstream && c.Age > idle+idle/8
	byClient := !c.By.Known || c.By.Value == event.Client
	// A client that ends after a round time is mostly a script.
	hop := c.byHop() || c.ProxiedClient || !byClient
	switch {
	case c.byHop() && c.Hop.Limit != noLength: // the hop ended both legs for the same reason
		return length{[...]int64{silence: idle, dataSilence: data, age: c.Age}[c.Hop.Limit], c.Hop.Limit}
	case idleFits && idle >= leastSilence && known(idle):
		return length{idle, silence}
	case dataFits && data >= leastSilence && exact(data) && hop:
		return length{data, dataSilence}
	case old && c.Age >= leastSilence && exact(c.Age) && hop && !(idleFits && idle >= leastSilence && exact(idle)):
		return length{c.Age, age}
	case idleFits && idle >= leastSilence && exact(idle) && hop:
		return length{idle, silence}
	case c.byHop() && idleFits && idle >= second && whole(idle):
		return length{idle, silence}
	case c.SameAge != nil && old && hop:
		return length{c.Age, age}
	case c.SameIdle != nil && idleFits && hop:
		return length{idle, silence}
	}
	return length{}
}

// leastSilence is the shortest length that one connection alone shows.
const leastSilence = 10 * second

// near reports whether ns is within off of want.
func near(ns, want, off int64) bool { return ns >= want-off && ns <= want+off }

// slack is how far a timer is off that was set to ns: most are exact to a few milliseconds, and then wait for their turn.
func slack(ns int64) int64 { return 60e6 + ns/1000 }

// whole reports whether ns is a whole number of seconds.
func whole(ns int64) bool {
	n := (ns + second/2) / second
	return n > 0 && near(ns, n*second, slack(ns))
}

// exact reports whether ns is a length as people set them: 15, 45, 90, 230, 600 s.
func exact(ns int64) bool {
	n := (ns + second/2) / second
	round := n%5 == 0
	switch {
	case n >= 600:
		round = n%60 == 0 || n%100 == 0
	case n >= 120:
		round = n%10 == 0
	}
	return round && near(ns, n*second, slack(ns))
}

// known reports whether ns is near a length that is a default somewhere.
func known(ns int64) bool { return defaultOf(ns, false) != nil }

// defaults are the time-outs that proxies and load balancers come with, and who is known for them. They name what is
// found; a length that is not here is found all the same.
var defaults = []struct {
	seconds int64
	percent float64 // how far off it may be
	who     string
	old     string // whose limit of a connection's age
}{
	{30, 2, "some load balancers", "Google Cloud's load balancers (timeoutSec of the backend service)"},
	{50, .5, "HAProxy as its examples set it (timeout client, timeout server)", ""},
	{55, .5, "Heroku's router", ""},
	{60, 2, "nginx (proxy_read_timeout), AWS ALB and Apache", ""},
	{100, 2, "Cloudflare", ""},
	{120, 2, "IIS, ARR and some load balancers", ""},
	{230, .5, "Azure App Service", ""},
	{240, .5, "Azure's load balancer", ""},
	{270, 2, "Cloudflare's gateway", ""},
	{300, 2, "many proxies (Envoy's stream idle time-out)", ""},
	{350, .5, "AWS NLB, which then forgets the connection", ""},
	{600, 2, "AWS API Gateway, Google Cloud's firewall and some gateways", ""},
	{900, .5, "some firewalls", ""},
	{1800, .5, "some firewalls", ""},
	{3600, 2, "HAProxy and others where raised to an hour, and firewalls", "Google Cloud Run at its highest, and others"},
	{7200, .5, "firewalls", "AWS API Gateway"},
}

// defaultOf finds the default that a length is, nil where it is none.
func defaultOf(ns int64, old bool) *struct {
	seconds int64
	percent float64
	who     string
	old     string
} {
	for i := range defaults {
		d := &defaults[i]
		want := d.seconds * second
		off := int64(float64(want) * d.percent / 100)
		if old {
			off = slack(want)
		}
		if near(ns, want, off) && (!old || d.old != "") {
			return d
		}
	}
	return nil
}

// words shows a length: 3.0 s, 55 s.
func (l length) words() string {
	if d := time.Duration(l.ns); d < 100*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", math.Round(time.Duration(l.ns).Seconds()))
}

var checkIdleTimeout = Check{
	ID: "MID-04", Name: "idle-timeout", Level: event.Warning, Fault: event.MiddleboxFault, Citation: "RFC 6455 §5.5.2",
	When: "the connection ended without a Close after a silence of round length, or of the same length as another, or " +
		"a proxy ended both its legs after a silence; also where only Pings and Pongs were exchanged",
	Description: "Most proxies, load balancers and firewalls end a connection on which nothing was sent for a " +
		"while, and do so without a Close: 60 s in nginx (proxy_read_timeout) and AWS ALB, 55 s on Heroku, 230 s in Azure " +
		"App Service, 350 s in AWS NLB, 100 s in Cloudflare, 300 s or an hour elsewhere; others are set by hand. Some count " +
		"data only, so that Pings do not help. Both peers see 1006, and users see a page that loses its connection " +
		"whenever it is left alone. A silence of round length is strong evidence, no proof: a program may have " +
		"such a time-out too. A script in a browser cannot send a Ping, so that the server must, or the page " +
		"sends messages of its own. A silence is no time-out where a longer one was survived before. Where the client ended " +
		"first and nothing shows that it is a proxy, the time-out is taken for its own.",
	Advice: "send a ping at less than half the time-out, or raise it; nginx: proxy_read_timeout 1h; " +
		"HAProxy: timeout tunnel 1h; Apache: ProxyTimeout 3600; Envoy: idle_timeout of the route",
	Follows: []string{"peer-silent", "receiver-stalled", "pong-mismatch"},
	Cut:     idleTimeout,
}

func idleTimeout(c *Cut, report Report) {
	l := c.limit()
	if l.kind != silence && l.kind != dataSilence {
		return
	}
	what, ping := "silence", "a ping"
	if l.kind == dataSilence {
		what, ping = "silence of data frames, though Pings and Pongs were exchanged", "a message of your own"
	}
	d := Detail{
		At: c.At, Seen: fmt.Sprintf("%s of silence", span(l.ns)),
		Wanted: fmt.Sprintf("%s more often than every %s, or a longer time-out", ping, l.words()),
		Text:   fmt.Sprintf("%s after %s of %s, %s", c.who(l), span(l.ns), what, c.whose(l, c.SameIdle)),
	}
	setting := "nginx: proxy_read_timeout 1h; HAProxy: timeout tunnel 1h; Apache: ProxyTimeout; Envoy: idle_timeout of the route"
	if p := c.Product; p != nil && p.idle != "" {
		setting = p.idle
	}
	d.Advice = fmt.Sprintf("send %s every %s, or raise the time-out; %s", ping, length{ns: l.ns / 2}.words(), setting)
	if c.byClientItself() {
		d.Fault = event.ClientFault
		d.Advice = fmt.Sprintf("let the client send a Close before it ends TCP, and raise its time-out if the connection is to last; "+
			"or let a side send %s every %s. If the client here is a proxy, raise the time-out there", ping, length{ns: l.ns / 2}.words())
	}
	report(d)
}

var checkLifetimeLimit = Check{
	ID: "MID-06", Name: "lifetime-limit", Level: event.Warning, Fault: event.MiddleboxFault, Citation: "RFC 6455 §7.1.1",
	When: "a connection was cut without a Close at a round age though frames flowed, or several at the same age",
	Description: "Some gateways end a connection at a fixed age, however busy it is. Google Cloud's load balancers do so " +
		"after 30 s by default (timeoutSec of the backend service), AWS API Gateway after 2 hours, Google Cloud Run after an " +
		"hour at most. A proxy that takes a WebSocket for one long request ends it at its request time-out. Pings do not " +
		"help. Both peers see 1006 in the middle of their traffic.",
	Advice: "raise the limit of the gateway, or let the client connect again before it is reached (GCP: timeoutSec of the backend " +
		"service; Envoy: timeout: 0s on the route, max_stream_duration)",
	Follows: []string{"peer-silent", "receiver-stalled"},
	Cut:     lifetimeLimit,
}

func lifetimeLimit(c *Cut, report Report) {
	l := c.limit()
	if l.kind != age {
		return
	}
	d := Detail{
		At: c.At, Seen: fmt.Sprintf("an age of %s", span(l.ns)), Wanted: "a longer limit, or a new connection before it",
		Text: fmt.Sprintf("%s %s after the handshake though frames flowed (the last %s before), %s", c.who(l), span(l.ns), span(c.Idle), c.whose(l, c.SameAge)),
	}
	if p := c.Product; p != nil && p.lifetime != "" {
		d.Advice = "raise the limit, or let the client connect again before it is reached; " + p.lifetime
	}
	report(d)
}

// byClientItself says that the client ended first, and that nothing shows that it is a proxy.
func (c *Cut) byClientItself() bool {
	return !c.byHop() && c.By.Known && c.By.Value == event.Client && !c.ProxiedClient
}

// who says who ended the connection, and how.
func (c *Cut) who(l length) string {
	h := c.Hop
	if !c.byHop() {
		return c.How
	}
	if h.Other == nil {
		return fmt.Sprintf("%s itself ended this leg (its other leg is connection %s)", h.Name, h.Conn)
	}
	return fmt.Sprintf("%s itself ended both legs (connection %s in packet %d, connection %s in packet %d)",
		h.Name, h.Other.Conn, h.Other.At.Number, c.Conn, c.At.Number)
}

// whose says whose limit a length is.
func (c *Cut) whose(l length, same *event.Abrupt) string {
	what, article := "idle time-out", "an "
	if l.kind == age {
		what, article = "limit of a connection's age", "a "
	}
	if c.byClientItself() {
		said := "the client's own " + what + ", unless the client here is a proxy"
		if same != nil {
			said = fmt.Sprintf("as connection %s was in packet %d: ", same.Conn, same.At.Number) + said
		}
		return said
	}
	said := article + what + " that somebody set"
	if same == nil {
		said += " (no well-known default)"
	}
	switch d := defaultOf(l.ns, l.kind == age); {
	case c.Product != nil && l.kind != age && c.Product.idlesAfter(l.ns):
		said = fmt.Sprintf("the %s of %s", what, c.Product.name)
	case d != nil && l.kind == age:
		said = fmt.Sprintf("the %s of %s", what, d.old)
	case d != nil:
		said = fmt.Sprintf("the %s of %s", what, d.who)
	case c.byHop():
		said = "its " + what
	}
	if same != nil {
		said = fmt.Sprintf("as connection %s was in packet %d: ", same.Conn, same.At.Number) + said
	}
	return said
}

// idlesAfter says that a silence is as long as the product's own setting is by default.
func (p *Product) idlesAfter(ns int64) bool {
	n := (ns + second/2) / second
	if !near(ns, n*second, slack(ns)) {
		return false
	}
	told := " " + strings.NewReplacer("(", " ", ",", " ").Replace(p.idle)
	for _, words := range []string{fmt.Sprintf(" %d s", n), fmt.Sprintf(" %d by default", n), fmt.Sprintf(" %d ms by default", n*1000),
		fmt.Sprintf(" %d minutes", n/60)} {
		if strings.Contains(told, words) && (n%60 == 0 || !strings.HasSuffix(words, "minutes")) {
			return true
		}
	}
	return false
}

// Like reports whether two silences, or ages, are the same limit: equal, and reached at different times.
func Like(a, b, endA, endB int64) bool {
	apart := a - b
	if apart < 0 {
		apart = -apart
	}
	ends := endA - endB
	if ends < 0 {
		ends = -ends
	}
	return a >= 2*second && apart <= 20e6+a/2000 && ends > 4*apart+50e6
}
