package check

import (
	"fmt"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// The negotiation of permessage-deflate: RFC 7692 §7.1.

const pmd = "permessage-deflate"

// deflateParams are the parameters of one offer or answer. Bits are 0 where the parameter is absent, -1 where it came
// without a legal value.
type deflateParams struct {
	serverBits, clientBits             int
	serverNoTakeover, clientNoTakeover bool
}

// readDeflate reads the parameters of RFC 7692 §7.1.1 and §7.1.2; illegal says in words what is wrong with them. The value
// of client_max_window_bits may be left out in an offer only.
func readDeflate(e http1.Extension, answer bool) (p deflateParams, illegal []string) {
	seen := make(map[string]bool)
	for _, q := range e.Params {
		if seen[q.Name] {
			illegal = append(illegal, fmt.Sprintf("%s stands twice", q.Name))
			continue
		}
		seen[q.Name] = true
		switch q.Name {
		case "server_no_context_takeover", "client_no_context_takeover":
			if q.HasValue {
				illegal = append(illegal, fmt.Sprintf("%s has the value %s", q.Name, quote(q.Value)))
			}
			if q.Name[0] == 's' {
				p.serverNoTakeover = true
			} else {
				p.clientNoTakeover = true
			}
		case "server_max_window_bits", "client_max_window_bits":
			bits := -1
			if q.HasValue {
				n, err := strconv.Atoi(q.Value)
				if err != nil || n < 8 || n > 15 || strconv.Itoa(n) != q.Value {
					illegal = append(illegal, fmt.Sprintf("%s=%s is not a number from 8 to 15", q.Name, escape(q.Value)))
				} else {
					bits = n
				}
			} else if q.Name[0] == 's' || answer {
				illegal = append(illegal, q.Name+" has no value")
			}
			if q.Name[0] == 's' {
				p.serverBits = bits
			} else {
				p.clientBits = bits
			}
		default:
			illegal = append(illegal, fmt.Sprintf("%s is not a parameter of %s", quote(q.Name), pmd))
		}
	}
	return p, illegal
}

// agreedDeflate gives the effective parameters of the accepted permessage-deflate, nil if it was not accepted. Absent bits
// mean 15, absent no_context_takeover means that takeover is allowed (RFC 7692 §7.1.1, §7.1.2).
func agreedDeflate(answer []http1.Extension) *event.Deflate {
	for _, e := range answer {
		if e.Name != pmd {
			continue
		}
		p, _ := readDeflate(e, true)
		d := &event.Deflate{WindowBits: [2]int{15, 15}, NoContextTakeover: [2]bool{p.clientNoTakeover, p.serverNoTakeover}}
		if p.clientBits > 0 {
			d.WindowBits[event.Client] = p.clientBits
		}
		if p.serverBits > 0 {
			d.WindowBits[event.Server] = p.serverBits
		}
		return d
	}
	return nil
}

// illegalOffers are the offers of permessage-deflate that a server must decline.
func illegalOffers(x *Exchange) []http1.Extension {
	var list []http1.Extension
	for _, o := range x.Offer {
		if o.Name == pmd {
			if _, illegal := readDeflate(o, false); len(illegal) > 0 {
				list = append(list, o)
			}
		}
	}
	return list
}

func deflateOfferInvalid(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for _, o := range illegalOffers(x) {
		_, illegal := readDeflate(o, false)
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the offer %s is not legal: %s; the server must decline it", quote(o.Text), strings.Join(illegal, ", ")),
			Seen: o.Text, Wanted: "server_no_context_takeover, client_no_context_takeover, server_max_window_bits=8..15, client_max_window_bits[=8..15], each at most once"})
	}
}

// answers visits every accepted permessage-deflate.
func answers(x *Exchange, visit func(e http1.Extension, p deflateParams, illegal []string)) {
	if !x.answered() {
		return
	}
	for _, a := range x.Answer {
		if a.Name == pmd {
			p, illegal := readDeflate(a, true)
			visit(a, p, illegal)
		}
	}
}

func deflateAnswerInvalid(x *Exchange, report Report) {
	answers(x, func(a http1.Extension, _ deflateParams, illegal []string) {
		wanted := "legal parameters, each at most once, client_max_window_bits with a value"
		if len(illegal) > 0 {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the answer %s is not legal: %s", quote(a.Text), strings.Join(illegal, ", ")), Seen: a.Text, Wanted: wanted})
			return
		}
		// Accepting what must be declined is as wrong as answering it (§7.1).
		var bad http1.Extension
		offered := 0
		for _, o := range x.Offer {
			if o.Name == pmd {
				if _, illegal := readDeflate(o, false); len(illegal) == 0 {
					return
				}
				bad = o
				offered++
			}
		}
		if offered > 0 {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted %s, though the only offer, %s, is not legal and must be declined", pmd, quote(bad.Text)),
				Seen: a.Text, Wanted: "no " + pmd + " in the answer"})
		}
	})
}

// unfit is one way in which an answer does not fit an offer.
type unfit struct {
	check string
	text  string
}

// misfits lists how answer a does not fit offer o (RFC 7692 §7.1.1.1, §7.1.2.1, §7.1.2.2).
func misfits(o, a deflateParams) []unfit {
	var list []unfit
	if o.serverNoTakeover && !a.serverNoTakeover {
		list = append(list, unfit{"deflate-server-takeover", "the client asked for server_no_context_takeover, and the answer leaves it out"})
	}
	switch {
	case o.serverBits > 0 && a.serverBits == 0:
		list = append(list, unfit{"deflate-server-window", fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer leaves it out", o.serverBits)})
	case o.serverBits > 0 && a.serverBits > o.serverBits:
		list = append(list, unfit{"deflate-server-window", fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer says %d", o.serverBits, a.serverBits)})
	}
	switch {
	case o.clientBits == 0 && a.clientBits != 0:
		list = append(list, unfit{"deflate-client-window-not-offered", "the answer has client_max_window_bits, which the client did not offer"})
	case o.clientBits > 0 && a.clientBits > o.clientBits:
		list = append(list, unfit{"deflate-client-window-larger", fmt.Sprintf("the client offered client_max_window_bits=%d, and the answer says %d", o.clientBits, a.clientBits)})
	}
	return list
}

// misfit reports one kind of misfit of every accepted permessage-deflate, judged against the legal offer that it fits best:
// the answer may accept any of several offers (§7.1.3).
func misfit(name, wanted string) func(*Exchange, Report) {
	return func(x *Exchange, report Report) {
		answers(x, func(a http1.Extension, p deflateParams, _ []string) {
			var best []unfit
			found := false
			for _, o := range x.Offer {
				if o.Name != pmd {
					continue
				}
				q, illegal := readDeflate(o, false)
				if len(illegal) > 0 {
					continue
				}
				if list := misfits(q, p); !found || len(list) < len(best) {
					best, found = list, true
				}
			}
			for _, u := range best {
				if u.check == name {
					report(Detail{At: x.Response.Last, Text: u.text, Seen: a.Text, Wanted: wanted})
				}
			}
		})
	}
}

// rsv1Extensions use the bit RSV1; only one of them may be accepted (RFC 7692 §6).
var rsv1Extensions = map[string]bool{
	pmd: true, "x-webkit-deflate-frame": true, "deflate-frame": true, "perframe-deflate": true, "x-webkit-permessage-compress": true,
	"permessage-compress": true, "permessage-bzip2": true, "permessage-snappy": true, "permessage-brotli": true,
}

func rsv1Conflict(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	var users []string
	for _, a := range x.Answer {
		if rsv1Extensions[strings.ToLower(a.Name)] && !contains(users, a.Name) {
			users = append(users, a.Name)
		}
	}
	if len(users) > 1 {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted %s, which use the same bit, RSV1", quoteAll(users)),
			Seen: strings.Join(x.Extensions.Value, ", "), Wanted: "at most one of them"})
	}
}
