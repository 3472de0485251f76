package check

import (
	"fmt"
	"path"
	"strings"

	"wshake/analyze/event"
)

// Rules that a team has set itself, in a config file. Without one nothing here speaks.

// HostPolicy is what a team allows on some hosts.
type HostPolicy struct {
	Host         string   // a name or address, with or without a port; * stands for anything, "" for every host
	Origins      []string // that pages may have: origins, hosts, *.domain; nil allows all
	Subprotocols []string // of which one must be agreed on; nil asks for none
}

// Ignored are findings that a team knows of and does not want to be told.
type Ignored struct {
	Checks []string // words that Matching understands
	Host   string   // like that of HostPolicy
	Reason string
}

// hostMatches compares a host, as sent, with a pattern.
func hostMatches(pattern, host string) bool {
	if pattern == "" || pattern == "*" {
		return true
	}
	pattern, host = strings.ToLower(pattern), strings.ToLower(host)
	whole, err := path.Match(pattern, host)
	if whole || err != nil {
		return whole
	}
	bare, _ := path.Match(strings.Trim(pattern, "[]"), hostName(host))
	return bare
}

// Covers says whether a finding of a check on a host is to be ignored.
func (g *Ignored) Covers(name, host string) bool {
	if !hostMatches(g.Host, host) {
		return false
	}
	for _, word := range g.Checks {
		for _, c := range Matching(word) {
			if c.Name == name {
				return true
			}
		}
	}
	return false
}

var checkOriginNotAllowed = Check{
	ID: "POL-01", Name: "origin-not-allowed", Level: event.Warning, Fault: event.ServerFault, Citation: "policy (config file), RFC 6455 §10.2",
	When: "the config file lists the origins that are allowed on this host, the request came from another, and the " +
		"answer was 101",
	Description: "A server that is meant for pages of certain origins should refuse all others with 403. This one did " +
		"not. Browsers always send the true Origin of the page; other programs may send any, or none, and a request " +
		"without Origin is not judged. The list is the user's own, under policy in wshake.toml.",
	Advice:   "let the server compare Origin with its list before it answers 101; or add the origin to the list of the config file",
	Needs:    Asked | Switched,
	Exchange: originNotAllowed,
}

func originNotAllowed(x *Exchange, report Report) {
	origin := x.Request.Get("Origin")
	if origin == "" || x.Policy == nil {
		return
	}
	for _, p := range x.Policy.Hosts {
		if p.Origins == nil || !hostMatches(p.Host, x.Request.Authority()) {
			continue
		}
		host, _ := originHost(origin)
		if allowed := (&Policy{AllowOrigins: p.Origins}); !allowed.allows(origin, host) {
			report(Detail{
				At: x.Response.Last,
				Text: fmt.Sprintf("a page of %s opened a WebSocket to %s, and the server accepted it; the policy allows %s", quote(origin),
					quote(x.Request.Authority()), quoteAll(p.Origins)),
				Seen: "Origin: " + origin, Wanted: strings.Join(p.Origins, ", "),
			})
			return
		}
	}
}

var checkPolicySubprotocol = Check{
	ID: "POL-02", Name: "policy-subprotocol", Level: event.Warning, Citation: "policy (config file), RFC 6455 §1.9",
	When: "the config file requires a subprotocol on this host, and the answer was 101 with none of those it lists",
	Description: "Peers that agree on no subprotocol, or on another one than their programmers expect, may each take the " +
		"messages for something else. RFC 6455 allows that; the rule is the user's own, under policy in wshake.toml.",
	Advice:   "offer one of the required subprotocols in Sec-WebSocket-Protocol and let the server select it; or change the list of the config file",
	Needs:    Asked | Switched,
	Exchange: policySubprotocol,
}

func policySubprotocol(x *Exchange, report Report) {
	if x.Policy == nil {
		return
	}
	for _, p := range x.Policy.Hosts {
		if p.Subprotocols == nil || !hostMatches(p.Host, x.Request.Authority()) {
			continue
		}
		agreed := x.Response.Get("Sec-WebSocket-Protocol")
		if contains(p.Subprotocols, agreed) {
			continue
		}
		said := "no subprotocol was agreed on"
		if agreed != "" {
			said = "the subprotocol " + quote(agreed) + " was agreed on"
		}
		fault := event.ServerFault
		if !x.Request.Has("Sec-WebSocket-Protocol") {
			fault = event.ClientFault
		}
		report(Detail{At: x.Response.Last, Fault: fault, Text: fmt.Sprintf("%s with %s; the policy requires %s", said, quote(x.Request.Authority()), quoteAll(p.Subprotocols)),
			Seen: agreed, Wanted: strings.Join(p.Subprotocols, ", ")})
		return
	}
}
