package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// rewriter makes of an expression one that answers for values that were not seen (see Design), and writes out the
// short notations.
type rewriter struct {
	used  map[string]bool
	local []string // names that `let` declared
	err   error    // the first
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

// comparisons are the operators that are false beside a value that was not seen.
var comparisons = []string{"==", "!=", "<", ">", "<=", ">=", "in", "contains", "startsWith", "endsWith", "matches"}

// wholes are those of them that compare a whole text.
var wholes = []string{"==", "!=", "in"}

// rewrite goes through the tree below n. truth says that what stands there has to be true or false.
func (w *rewriter) rewrite(n *ast.Node, truth bool) {
	switch e := (*n).(type) {
	case *ast.IdentifierNode:
		w.name(n, e, truth)
	case *ast.UnaryNode:
		w.rewrite(&e.Node, e.Operator == "!" || e.Operator == "not")
	case *ast.BinaryNode:
		w.binary(n, e)
	case *ast.ConditionalNode:
		w.rewrite(&e.Cond, true)
		w.rewrite(&e.Exp1, truth)
		w.rewrite(&e.Exp2, truth)
	case *ast.MemberNode:
		w.rewrite(&e.Node, false)
		if _, plain := e.Property.(*ast.StringNode); !plain {
			w.rewrite(&e.Property, false)
		}
		if truth {
			w.guard(n, e)
		}
	case *ast.ChainNode:
		w.rewrite(&e.Node, truth)
	case *ast.SliceNode:
		w.rewrite(&e.Node, false)
		for _, part := range []*ast.Node{&e.From, &e.To} {
			if *part != nil {
				w.rewrite(part, false)
			}
		}
	case *ast.CallNode:
		if _, function := e.Callee.(*ast.IdentifierNode); !function {
			w.rewrite(&e.Callee, false)
		}
		w.list(e.Arguments)
		if truth {
			w.guard(n, e)
		}
	case *ast.BuiltinNode:
		w.list(e.Arguments)
		if truth {
			w.guard(n, e)
		}
	case *ast.PredicateNode:
		w.rewrite(&e.Node, true)
	case *ast.ArrayNode:
		w.list(e.Nodes)
	case *ast.MapNode:
		w.list(e.Pairs)
	case *ast.PairNode:
		w.rewrite(&e.Value, false)
	case *ast.SequenceNode:
		w.list(e.Nodes)
	case *ast.VariableDeclaratorNode:
		w.rewrite(&e.Value, false)
		w.local = append(w.local, e.Name)
		w.rewrite(&e.Expr, truth)
	}
}

func (w *rewriter) list(nodes []ast.Node) {
	for i := range nodes {
		w.rewrite(&nodes[i], false)
	}
}

func (w *rewriter) name(n *ast.Node, e *ast.IdentifierNode, truth bool) {
	if slices.Contains(w.local, e.Value) {
		return
	}
	f := fieldNamed(e.Value)
	if f == nil {
		w.fail(e, "there is no name %q%s", e.Value, meant(e.Value, Names()))
		return
	}
	w.used[e.Value] = true
	if _, is := f.zero.(bool); is && truth {
		replace(n, &ast.BinaryNode{Operator: "??", Left: e, Right: &ast.BoolNode{}})
	}
}

func (w *rewriter) binary(n *ast.Node, e *ast.BinaryNode) {
	switch e.Operator {
	case "and", "or", "&&", "||":
		w.rewrite(&e.Left, true)
		w.rewrite(&e.Right, true)
		return
	}
	if !slices.Contains(comparisons, e.Operator) {
		w.rewrite(&e.Left, false)
		w.rewrite(&e.Right, false)
		return
	}
	_, left := e.Left.(*ast.NilNode)
	_, right := e.Right.(*ast.NilNode)
	if left || right { // asks whether the value was seen
		w.rewrite(&e.Left, false)
		w.rewrite(&e.Right, false)
		return
	}
	if slices.Contains(wholes, e.Operator) {
		w.words(e.Left, e.Right)
		w.words(e.Right, e.Left)
	}
	if w.findingNamed(n, e) || w.networkOf(n, e) {
		return
	}
	w.literal(&e.Left, e.Right)
	w.literal(&e.Right, e.Left)
	w.rewrite(&e.Left, false)
	w.rewrite(&e.Right, false)
	w.guard(n, e)
}

// guard makes n false where a value in it was not seen.
func (w *rewriter) guard(n *ast.Node, e ast.Node) {
	var names []string
	ast.Walk(&e, visit(func(node ast.Node) {
		if id, is := node.(*ast.IdentifierNode); is {
			f := fieldNamed(id.Value)
			if f != nil && !f.isList() && !slices.Contains(w.local, id.Value) && !slices.Contains(names, id.Value) {
				names = append(names, id.Value)
			}
		}
	}))
	var guarded ast.Node = e
	for _, name := range slices.Backward(names) {
		seen := &ast.BinaryNode{Operator: "!=", Left: &ast.IdentifierNode{Value: name}, Right: &ast.NilNode{}}
		seen.SetLocation(e.Location())
		seen.Left.SetLocation(e.Location())
		both := &ast.BinaryNode{Operator: "&&", Left: seen, Right: guarded}
		both.SetLocation(e.Location())
		guarded = both
	}
	*n = guarded
}

type visit func(ast.Node)

func (v visit) Visit(n *ast.Node) { v(*n) }

// words complains of a text that a name beside it never has.
func (w *rewriter) words(name, texts ast.Node) {
	id, is := name.(*ast.IdentifierNode)
	if !is {
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
		if s, is := n.(*ast.StringNode); is && !slices.Contains(words, s.Value) {
			if len(words) > 20 {
				w.fail(n, "%s is never %q%s", id.Value, s.Value, meant(s.Value, words))
			} else {
				w.fail(n, "%s is never %q, it is one of %s%s", id.Value, s.Value, strings.Join(words, ", "), meant(s.Value, words))
			}
		}
	}
}

// findingNamed writes `finding == "x"` as `"x" in findings`, so that it also takes what the finding is about.
func (w *rewriter) findingNamed(n *ast.Node, e *ast.BinaryNode) bool {
	id, is := e.Left.(*ast.IdentifierNode)
	text, literal := e.Right.(*ast.StringNode)
	if !is || !literal || id.Value != "finding" || e.Operator != "==" && e.Operator != "!=" {
		return false
	}
	w.used["findings"] = true
	list := &ast.IdentifierNode{Value: "findings"}
	list.SetLocation(id.Location())
	replace(n, &ast.BinaryNode{Operator: "in", Left: text, Right: list})
	if e.Operator == "!=" {
		replace(n, &ast.UnaryNode{Operator: "not", Node: *n})
	}
	return true
}

// networkOf writes `client in "10.0.0.0/8"` as a call.
func (w *rewriter) networkOf(n *ast.Node, e *ast.BinaryNode) bool {
	id, is := e.Left.(*ast.IdentifierNode)
	if !is || id.Value != "client" && id.Value != "server" {
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
		_, err := parseNetwork(text.Value)
		switch {
		case err == nil:
		case e.Operator == "in" && len(texts) == 1:
			w.fail(t, "%v", err)
			return true
		default:
			return false // an endpoint with its port
		}
		call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: inNetwork}, Arguments: []ast.Node{id, text}}
		call.SetLocation(e.Location())
		call.Callee.SetLocation(e.Location())
		if any == nil {
			any = call
			continue
		}
		any = &ast.BinaryNode{Operator: "||", Left: any, Right: call}
		any.SetLocation(e.Location())
	}
	switch e.Operator {
	case "in", "==":
	case "!=":
		any = &ast.UnaryNode{Operator: "not", Node: any}
	default:
		return false
	}
	w.used[id.Value] = true
	replace(n, any)
	w.guard(n, *n)
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
		t, err := parseTime(s.Value)
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
