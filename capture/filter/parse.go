package filter

import "strings"

// node is an expression: a primitive, or one or two expressions under an operator.
type node struct {
	operator  operator
	left      *node // of and, or, not
	right     *node // of and, or
	primitive primitive
	tags      int // primitives vlan that are written before this one
}

type operator uint8

const (
	leaf operator = iota
	not
	and
	or
)

// parse reads an expression. It returns nil for an empty one, which all packets pass.
func parse(expr string) (*node, error) {
	list, err := tokens(expr)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: list}
	if p.peek().word == "" {
		return nil, nil
	}
	n, err := p.expression(nil)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.is(")") {
		return nil, t.refuse("closes no parenthesis")
	} else if t.word != "" {
		return nil, t.refuse("and or or is missing before it")
	}
	return n, nil
}

type parser struct {
	tokens []token
	at     int
	tags   int // primitives vlan so far
	depth  int // open parentheses
}

// maxDepth is how deep parentheses may be nested.
const maxDepth = 1000

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.word != "" {
		p.at++
	}
	return t
}

// take moves past the next token if it is one of words.
func (p *parser) take(words ...string) (word string, ok bool) {
	if t := p.peek(); t.is(words...) {
		p.at++
		return t.word, true
	}
	return "", false
}

func (p *parser) takeAll(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.tokens) || p.tokens[p.at+i].word != w {
			return false
		}
	}
	p.at += len(words)
	return true
}

// expression reads operands joined by and and or. Inherited are the qualifiers that a value without its own takes, nil
// if none.
func (p *parser) expression(inherited *qualifiers) (*node, error) {
	n, inherited, err := p.operand(inherited)
	for err == nil {
		op, ok := p.joint()
		if !ok {
			return n, nil
		}
		var right *node
		right, inherited, err = p.operand(inherited)
		n = &node{operator: op, left: n, right: right}
	}
	return nil, err
}

func (p *parser) joint() (op operator, ok bool) {
	word, ok := p.take("and", "or")
	if word == "or" {
		return or, ok
	}
	return and, ok
}

// operand reads one, and returns the qualifiers that the value behind it inherits.
func (p *parser) operand(inherited *qualifiers) (*node, *qualifiers, error) {
	if _, ok := p.take("not"); ok {
		n, q, err := p.operand(inherited)
		return &node{operator: not, left: n}, q, err
	}
	if p.peek().is("(") {
		n, err := p.parenthesis(func() (*node, error) {
			if p.atValue() {
				return p.values(inherited)
			}
			return p.expression(inherited)
		})
		return n, inherited, err
	}
	if p.atValue() {
		n, err := p.value(inherited)
		return n, inherited, err
	}
	return p.primitive()
}

// parenthesis reads what is inside one by f.
func (p *parser) parenthesis(f func() (*node, error)) (*node, error) {
	open := p.next()
	if p.depth++; p.depth > maxDepth {
		return nil, open.refuse("parentheses are nested more than %d deep", maxDepth)
	}
	n, err := f()
	if err != nil {
		return nil, err
	}
	p.depth--
	if _, ok := p.take(")"); !ok {
		if t := p.peek(); t.word != "" {
			return nil, t.refuse("and, or or ) is missing before it")
		}
		return nil, open.refuse("is not closed")
	}
	return n, nil
}

// values reads what is in the parenthesis of "port (80 or 443)": values that share their qualifiers.
func (p *parser) values(q *qualifiers) (*node, error) {
	n, err := p.value(q)
	for err == nil {
		op, ok := p.joint()
		if !ok {
			return n, nil
		}
		var right *node
		right, err = p.value(q)
		n = &node{operator: op, left: n, right: right}
	}
	return nil, err
}

func (p *parser) value(q *qualifiers) (*node, error) {
	if _, ok := p.take("not"); ok {
		n, err := p.value(q)
		return &node{operator: not, left: n}, err
	}
	if p.peek().is("(") {
		return p.parenthesis(func() (*node, error) { return p.values(q) })
	}
	t := p.next()
	switch {
	case t.word == "":
		return nil, t.refuse("ends where a value is expected")
	case q == nil:
		return nil, t.refuse("stands without host, net, port, portrange or proto before it")
	case !looksLikeValue(t.word):
		return nil, p.unexpected(t, *q)
	}
	made, err := q.primitive(p, t)
	if err != nil {
		return nil, err
	}
	return p.leaf(made), nil
}

func (p *parser) unexpected(t token, q qualifiers) error {
	if strings.ContainsAny(t.word, "()") || keywords[t.word] || elsewhere[t.word] {
		return t.refuse("stands where %s is expected", q.kind.value())
	}
	switch q.kind {
	case aPort, aPortrange:
		return t.refuse("service names are not looked up; write the number of the port")
	case aProto:
		return t.refuse(`is no protocol that is known by name here; write its number, or \tcp, \udp, \sctp, \icmp`)
	}
	return t.refuse("host names are not looked up; write the address")
}

func (p *parser) leaf(made primitive) *node {
	return &node{primitive: made, tags: p.tags}
}

// atValue looks past not.
func (p *parser) atValue() bool {
	at := p.at
	for p.tokens[at].is("not") {
		at++
	}
	return looksLikeValue(p.tokens[at].word)
}

// looksLikeValue tells an address, a number or an escaped name from a word of the language.
func looksLikeValue(word string) bool {
	return word != "" && (word[0] >= '0' && word[0] <= '9' || word[0] == '\\' || strings.ContainsAny(word, ":/%"))
}

// primitive reads one that begins with a word of the language.
func (p *parser) primitive() (*node, *qualifiers, error) {
	start := p.peek()
	switch start.word {
	case "":
		return nil, nil, start.refuse("ends where a primitive is expected")
	case "less", "greater":
		n, err := p.length()
		return n, nil, err
	case "vlan":
		n, err := p.vlan()
		return n, nil, err
	}
	q, err := p.qualifiers()
	if err != nil {
		return nil, nil, err
	}
	if q.kind == unsaid && q.direction == unsaidDirection {
		if q.protocol == "" {
			return nil, nil, refuseWord(start)
		}
		if t := p.peek(); t.word != "" && !t.is("and", "or", ")") {
			return nil, nil, t.refuse("stands where and, or, host, net, port, portrange, src or dst is expected")
		}
		return p.leaf(protocols[q.protocol].alone), nil, nil
	}
	n, err := p.value(&q)
	return n, &q, err
}

func (p *parser) length() (*node, error) {
	word := p.next()
	n, err := number(p.next(), word.word+" takes a number of octets", 1<<32-1)
	if err != nil {
		return nil, err
	}
	if word.is("less") {
		return p.leaf(length{atMost, n}), nil
	}
	return p.leaf(length{atLeast, n}), nil
}

func (p *parser) vlan() (*node, error) {
	t := tagged{anyTag}
	word := p.next()
	if p.peek().word != "" && looksLikeValue(p.peek().word) {
		id, err := number(p.next(), "vlan takes a number", 0xfff)
		if err != nil {
			return nil, err
		}
		t.id = id
	}
	if p.tags == maxTags {
		return nil, word.refuse("stands more than %d times in the expression", maxTags)
	}
	n := p.leaf(t)
	p.tags++
	return n, nil
}

// maxTags is how many primitives vlan an expression may have; each shifts by a tag.
const maxTags = 64

var keywords = map[string]bool{
	"and": true, "or": true, "not": true, "host": true, "net": true, "mask": true, "port": true, "portrange": true, "proto": true,
	"src": true, "dst": true, "less": true, "greater": true, "vlan": true,
	"ip": true, "ip6": true, "arp": true, "rarp": true, "tcp": true, "udp": true, "sctp": true, "icmp": true, "icmp6": true,
}

// elsewhere are words of tcpdump that are not understood here.
var elsewhere = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(`aarp action addr1 addr2 addr3 addr4 ah atalk bcc broadcast byte callref carp clnp connectmsg csnp decnet
		dir direction dpc dst-mac es-is esis esp ether fddi fisu gateway geneve hdpc hfisu hlssu hmsu hopc hsio hsls icmpv6 ifindex ifname
		igmp igrp iih ilmic inbound ipx is-is isis iso l1 l2 lane lat len link llc lsp lssu lsu metac metaconnect mopdl moprc mpls msu
		multicast netbeui oam oamf4 oamf4ec oamf4sc on opc outbound pim ppp pppoed pppoes protochain psnp ra radio reason rnr rset rulenum
		rulesetname sc sio sls slip snp srnr stp subrulenum subtype ta tr type vci vpi vrrp wlan`) {
		m[w] = true
	}
	return m
}()

func refuseWord(t token) error {
	switch {
	case elsewhere[t.word]:
		return t.refuse("tcpdump knows this word, wshake does not support it")
	case keywords[t.word] || t.is("(", ")"):
		return t.refuse("stands where a primitive is expected")
	case keywords[strings.ToLower(t.word)]:
		return t.refuse("words are written in lower case")
	}
	return t.refuse("is no word of the filter language; an address needs host before it, and names are not looked up")
}
