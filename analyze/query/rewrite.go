package query

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"wshake/analyze/event"
	"wshake/analyze/suggest"
)

// rewriter makes of an expression one that answers for values that were not seen (see Design), and writes out the
// short notations.
type rewriter struct {
	used    map[string]bool
	local   []string    // names that `let` declared
	missing []ast.Node  // values in what was rewritten so far that may not have been seen
	named   event.Kinds // of events that words ask for
	err     error       // the first
}

// mode says what a part of an expression is rewritten into.
type mode uint8

const (
	value mode = iota // what it gives, nil where a comparison is not decided
	holds             // true only where it is known to be true
	fails             // true only where it is known to be false
)

func (m mode) negated() mode {
	switch m {
	case holds:
		return fails
	case fails:
		return holds
	}
	return value
}

func (w *rewriter) fail(n ast.Node, format string, args ...any) {
	if w.err == nil {
		w.err = &Error{n.Location().From + 1, fmt.Sprintf(format, args...)}
	}
}

// replace puts a node in the place of another.
func replace(old *ast.Node, by ast.Node) {
	by.SetLocation((*old).Location())
	*old = by
}

// at gives a node the place of another in the source.
func at(place, n ast.Node) ast.Node {
	n.SetLocation(place.Location())
	return n
}

// comparisons are the operators that are not decided beside a value that was not seen.
var comparisons = []string{"==", "!=", "<", ">", "<=", ">=", "in", "contains", "startsWith", "endsWith", "matches"}

// wholes are those of them that compare a whole text.
var wholes = []string{"==", "!=", "in"}

// rewrite goes through the tree below n.
func (w *rewriter) rewrite(n *ast.Node, m mode) {
	switch e := (*n).(type) {
	case *ast.IdentifierNode:
		w.name(n, e, m)
	case *ast.UnaryNode:
		w.unary(n, e, m)
	case *ast.BinaryNode:
		w.binary(n, e, m)
	case *ast.ConditionalNode:
		from := len(w.missing)
		w.rewrite(&e.Cond, holds)
		deciding := slices.Clone(w.missing[from:])
		w.rewrite(&e.Exp1, m)
		w.rewrite(&e.Exp2, m)
		if m != value {
			*n = ifSeen(e, deciding, e)
		}
	case *ast.MemberNode:
		from := len(w.missing)
		w.rewrite(&e.Node, value)
		if _, plain := e.Property.(*ast.StringNode); !plain {
			w.rewrite(&e.Property, value)
		} else if _, name := e.Node.(*ast.IdentifierNode); name {
			w.missing = append(w.missing, e)
		}
		w.decide(n, e, from, m)
	case *ast.ChainNode:
		from := len(w.missing)
		w.rewrite(&e.Node, value)
		w.decide(n, e, from, m)
	case *ast.SliceNode:
		w.rewrite(&e.Node, value)
		for _, part := range []*ast.Node{&e.From, &e.To} {
			if *part != nil {
				w.rewrite(part, value)
			}
		}
	case *ast.CallNode:
		from := len(w.missing)
		if _, function := e.Callee.(*ast.IdentifierNode); !function {
			w.rewrite(&e.Callee, value)
		}
		w.list(e.Arguments)
		w.decide(n, e, from, m)
	case *ast.BuiltinNode:
		from := len(w.missing)
		w.list(e.Arguments)
		w.decide(n, e, from, m)
	case *ast.PredicateNode:
		w.rewrite(&e.Node, holds)
	case *ast.ArrayNode:
		w.list(e.Nodes)
	case *ast.MapNode:
		w.list(e.Pairs)
	case *ast.PairNode:
		w.rewrite(&e.Value, value)
	case *ast.SequenceNode:
		w.list(e.Nodes)
	case *ast.VariableDeclaratorNode:
		from := len(w.missing)
		w.rewrite(&e.Value, value)
		e.Value = w.orNil(e.Value, from)
		w.missing = w.missing[:from]
		w.local = append(w.local, e.Name)
		w.rewrite(&e.Expr, m)
	}
}

func (w *rewriter) list(nodes []ast.Node) {
	for i := range nodes {
		w.rewrite(&nodes[i], value)
	}
}

func (w *rewriter) name(n *ast.Node, e *ast.IdentifierNode, m mode) {
	local := slices.Contains(w.local, e.Value)
	if f := fieldNamed(e.Value); !local {
		if f == nil {
			w.fail(e, "there is no name %q%s", e.Value, cmp.Or(suggest.Meant(e.Value, Names()),
				fmt.Sprintf("; if a text is meant, it stands in quotes: '... == %q'", e.Value)))
			return
		}
		w.used[e.Value] = true
		if _, is := f.zero.(bool); !is && m != value {
			w.fail(e, "%s is neither true nor false: compare it, as in %s != nil", e.Value, e.Value)
			return
		}
	}
	w.missing = append(w.missing, e)
	if m != value { // so that a name that is neither true nor false is an error
		replace(n, &ast.BinaryNode{Operator: "==", Left: e, Right: at(e, &ast.BoolNode{Value: m == holds})})
	}
}

func (w *rewriter) unary(n *ast.Node, e *ast.UnaryNode, m mode) {
	if e.Operator != "!" && e.Operator != "not" {
		w.rewrite(&e.Node, value)
		return
	}
	from := len(w.missing)
	if m == value {
		w.rewrite(&e.Node, holds)
		*n = w.orNil(e, from)
		return
	}
	w.rewrite(&e.Node, m.negated())
	*n = e.Node
}

func (w *rewriter) binary(n *ast.Node, e *ast.BinaryNode, m mode) {
	from := len(w.missing)
	switch e.Operator {
	case "and", "or", "&&", "||":
		if m == fails {
			e.Operator = map[string]string{"and": "or", "or": "and", "&&": "||", "||": "&&"}[e.Operator]
		}
		parts := m
		if m == value {
			parts = holds
		}
		w.rewrite(&e.Left, parts)
		w.rewrite(&e.Right, parts)
		return
	case "??":
		w.rewrite(&e.Left, value)
		w.missing = w.missing[:from] // there is a value in any case
		w.rewrite(&e.Right, value)
		w.decide(n, e, from, m)
		return
	}
	if !slices.Contains(comparisons, e.Operator) {
		w.rewrite(&e.Left, value)
		w.rewrite(&e.Right, value)
		return
	}
	if isNil(e.Left) || isNil(e.Right) { // asks whether the value was seen
		w.rewrite(&e.Left, value)
		w.rewrite(&e.Right, value)
		w.missing = w.missing[:from]
		for _, side := range []*ast.Node{&e.Left, &e.Right} {
			if member, is := (*side).(*ast.MemberNode); is { // of what was not seen nothing was seen
				member.Optional = true
				replace(side, &ast.ChainNode{Node: member})
			}
		}
		w.decide(n, e, from, m)
		return
	}
	if slices.Contains(wholes, e.Operator) {
		w.words(e.Left, e.Right)
		w.words(e.Right, e.Left)
	}
	if w.findingIs(n, e) {
		w.rewrite(n, m)
		return
	}
	if w.inNetworks(n, e) || w.timeIs(n, e) {
		w.missing = append(w.missing, e.Left)
		if m == value {
			*n = w.orNil(*n, from)
		} else {
			w.decide(n, *n, from, m)
		}
		return
	}
	w.literal(&e.Left, e.Right)
	w.literal(&e.Right, e.Left)
	w.rewrite(&e.Left, value)
	w.rewrite(&e.Right, value)
	if m != value && w.textHolds(n, e) {
		w.decide(n, *n, from, m)
		return
	}
	w.decide(n, e, from, m)
}

// textHolds writes `text contains "word"` as a call.
func (w *rewriter) textHolds(n *ast.Node, e *ast.BinaryNode) bool {
	id, name := e.Left.(*ast.IdentifierNode)
	word, is := e.Right.(*ast.StringNode)
	if !name || !is || e.Operator != "contains" || id.Value != "text" || word.Value == "" ||
		slices.Contains(w.local, id.Value) {
		return false
	}
	callee := at(e, &ast.IdentifierNode{Value: holdsText})
	*n = at(e, &ast.CallNode{Callee: callee, Arguments: []ast.Node{id, word}})
	return true
}

func isNil(n ast.Node) bool {
	_, is := n.(*ast.NilNode)
	return is
}

// decide makes of n, which is e, what the mode asks for, where all values in it were seen; of missing those from the
// index from on are in it.
func (w *rewriter) decide(n *ast.Node, e ast.Node, from int, m mode) {
	switch m {
	case holds:
		*n = ifSeen(e, w.missing[from:], e)
	case fails:
		*n = ifSeen(e, w.missing[from:], at(e, &ast.UnaryNode{Operator: "not", Node: e}))
	default:
		if b, is := e.(*ast.BinaryNode); is && slices.Contains(comparisons, b.Operator) {
			*n = w.orNil(e, from)
		}
	}
}

// orNil is e where all values in it were seen, else nil.
func (w *rewriter) orNil(e ast.Node, from int) ast.Node {
	if len(w.missing) == from {
		return e
	}
	known := ifSeen(e, w.missing[from:], at(e, &ast.BoolNode{Value: true}))
	return at(e, &ast.ConditionalNode{Cond: known, Exp1: e, Exp2: at(e, &ast.NilNode{})})
}

// ifSeen is e behind the question whether the values were seen.
func ifSeen(place ast.Node, values []ast.Node, e ast.Node) ast.Node {
	var asked []string
	var unique []ast.Node
	for _, v := range values {
		if text := v.String(); !slices.Contains(asked, text) {
			asked = append(asked, text)
			unique = append(unique, v)
		}
	}
	for _, v := range slices.Backward(unique) {
		is := at(place, &ast.BinaryNode{Operator: "!=", Left: copied(v), Right: at(place, &ast.NilNode{})})
		e = at(place, &ast.BinaryNode{Operator: "&&", Left: is, Right: e})
	}
	return e
}

// copied is a value anew: a node stands in one place of a tree.
func copied(v ast.Node) ast.Node {
	switch e := v.(type) {
	case *ast.IdentifierNode:
		return at(e, &ast.IdentifierNode{Value: e.Value})
	case *ast.MemberNode:
		property := e.Property.(*ast.StringNode)
		return at(e, &ast.MemberNode{Node: copied(e.Node),
			Property: at(property, &ast.StringNode{Value: property.Value})})
	}
	return v
}

// words complains of a text that a name beside it never has.
func (w *rewriter) words(name, texts ast.Node) {
	id, is := name.(*ast.IdentifierNode)
	if !is || slices.Contains(w.local, id.Value) {
		return
	}
	f := fieldNamed(id.Value)
	if f == nil || f.words == nil {
		return
	}
	list := []ast.Node{texts}
	if array, is := texts.(*ast.ArrayNode); is {
		list = array.Nodes
	}
	words := f.words()
	for _, n := range list {
		if s, is := n.(*ast.StringNode); is {
			w.named |= namedBy(id.Value, s.Value)
		}
		if other, is := n.(*ast.IdentifierNode); is && slices.Contains(words, other.Value) {
			w.fail(n, "the word of %s is written in quotes: %q", id.Value, other.Value)
		}
		if s, is := n.(*ast.StringNode); is && !slices.Contains(words, s.Value) {
			if len(words) > 20 {
				w.fail(n, "%s is never %q%s", id.Value, s.Value, suggest.Meant(s.Value, words))
			} else {
				w.fail(n, "%s is never %q, it is one of %s%s", id.Value, s.Value, strings.Join(words, ", "),
					suggest.Meant(s.Value, words))
			}
		}
	}
}

// findingIs writes `finding == "x"` as `any(findings, # == "x")`, so that it also takes what the finding is about.
func (w *rewriter) findingIs(n *ast.Node, e *ast.BinaryNode) bool {
	id, is := e.Left.(*ast.IdentifierNode)
	if !is || id.Value != "finding" || slices.Contains(w.local, id.Value) {
		return false
	}
	operator := e.Operator
	if operator == "!=" {
		operator = "=="
	}
	list := at(id, &ast.IdentifierNode{Value: "findings"})
	one := at(e, &ast.BinaryNode{Operator: operator, Left: at(id, &ast.PointerNode{}), Right: e.Right})
	any := at(e, &ast.BuiltinNode{Name: "any", Arguments: []ast.Node{list, at(e, &ast.PredicateNode{Node: one})}})
	if e.Operator == "!=" {
		any = at(e, &ast.UnaryNode{Operator: "not", Node: any})
	}
	*n = any
	return true
}

// inNetworks writes `client in "10.0.0.0/8"` as a call. An endpoint, with its port, is compared as it is.
func (w *rewriter) inNetworks(n *ast.Node, e *ast.BinaryNode) bool {
	id, is := e.Left.(*ast.IdentifierNode)
	if !is || id.Value != "client" && id.Value != "server" || slices.Contains(w.local, id.Value) ||
		!slices.Contains(wholes, e.Operator) {
		return false
	}
	texts := []ast.Node{e.Right}
	if array, is := e.Right.(*ast.ArrayNode); is && e.Operator == "in" {
		texts = array.Nodes
	}
	if len(texts) == 0 {
		return false
	}
	var any ast.Node
	for _, t := range texts {
		text, is := t.(*ast.StringNode)
		if !is {
			return false
		}
		var one ast.Node
		if endpoint, err := netip.ParseAddrPort(text.Value); err == nil {
			one = at(e, &ast.BinaryNode{Operator: "==", Left: copied(id),
				Right: at(t, &ast.StringNode{Value: endpoint.String()})})
		} else if _, err := parseNetwork(text.Value); err == nil {
			callee := at(e, &ast.IdentifierNode{Value: inNetwork})
			one = at(e, &ast.CallNode{Callee: callee, Arguments: []ast.Node{copied(id), text}})
		} else {
			w.fail(t, "%v", err)
			return true
		}
		if any != nil {
			one = at(e, &ast.BinaryNode{Operator: "||", Left: any, Right: one})
		}
		any = one
	}
	if e.Operator == "!=" {
		any = at(e, &ast.UnaryNode{Operator: "not", Node: any})
	}
	w.used[id.Value] = true
	*n = any
	return true
}

// timeIs writes `time == "2024-05-01"`, which means the day, as `time >= day && time < the next day`.
func (w *rewriter) timeIs(n *ast.Node, e *ast.BinaryNode) bool {
	id, name := e.Left.(*ast.IdentifierNode)
	s, is := e.Right.(*ast.StringNode)
	if !name || !is || id.Value != "time" || slices.Contains(w.local, id.Value) ||
		e.Operator != "==" && e.Operator != "!=" {
		return false
	}
	begin, end, err := parseTime(s.Value)
	if err != nil {
		w.fail(s, "%v", err)
		return true
	}
	bound := func(operator string, t time.Time) ast.Node {
		return at(e, &ast.BinaryNode{Operator: operator, Left: copied(id), Right: at(s, &ast.ConstantNode{Value: t})})
	}
	within := at(e, &ast.BinaryNode{Operator: "&&", Left: bound(">=", begin), Right: bound("<", end)})
	if e.Operator == "!=" {
		within = at(e, &ast.UnaryNode{Operator: "not", Node: within})
	}
	w.used[id.Value] = true
	*n = within
	return true
}

// literal reads a text as a time or a duration, where the name beside it is one.
func (w *rewriter) literal(text *ast.Node, beside ast.Node) {
	s, is := (*text).(*ast.StringNode)
	id, name := beside.(*ast.IdentifierNode)
	if !is || !name {
		return
	}
	switch {
	case id.Value == "time":
		t, _, err := parseTime(s.Value)
		if err != nil {
			w.fail(s, "%v", err)
			return
		}
		replace(text, &ast.ConstantNode{Value: t})
	case strings.HasSuffix(id.Value, "_us"):
		d, err := time.ParseDuration(s.Value)
		if err != nil {
			w.fail(s, "%q is no duration such as 5ms, 2s or 1h", s.Value)
			return
		}
		replace(text, &ast.IntegerNode{Value: int(d.Microseconds())})
	}
}
