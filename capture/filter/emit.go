package filter

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// maxProgram is how many instructions the kernel takes (BPF_MAXINSNS).
const maxProgram = 4096

// emitter collects a program from its end to its start, because jumps go forward only.
type emitter struct {
	code []bpf.Instruction // the last comes first
	full bool
}

// label is an instruction, counted from the end of the program.
type label int

func (e *emitter) add(i bpf.Instruction) label {
	if len(e.code) == maxProgram {
		e.full = true
		return label(len(e.code) - 1)
	}
	e.code = append(e.code, i)
	return label(len(e.code) - 1)
}

// skip is how many instructions are between the next one to be added and l.
func (e *emitter) skip(l label) int { return len(e.code) - int(l) - 1 }

// near gives a label in reach of a conditional jump that will be added within two instructions.
func (e *emitter) near(l label) label {
	if e.skip(l)+2 <= 255 {
		return l
	}
	return e.add(bpf.Jump{Skip: uint32(e.skip(l))})
}

func (c constant) emit(_ *emitter, yes, no label) label {
	if c {
		return yes
	}
	return no
}

func (a all) emit(e *emitter, yes, no label) label {
	for i := len(a) - 1; i >= 0; i-- {
		yes = a[i].emit(e, yes, no)
	}
	return yes
}

func (o either) emit(e *emitter, yes, no label) label {
	for i := len(o) - 1; i >= 0; i-- {
		no = o[i].emit(e, yes, no)
	}
	return no
}

func (n negation) emit(e *emitter, yes, no label) label { return n.predicate.emit(e, no, yes) }

var jumps = map[comparison]bpf.JumpTest{
	equal: bpf.JumpEqual, atLeast: bpf.JumpGreaterOrEqual, atMost: bpf.JumpLessOrEqual, anyBit: bpf.JumpBitsSet,
}

var extensions = map[origin]bpf.Extension{
	wireLength: bpf.ExtLen, metaProtocol: bpf.ExtProto, metaTagPresent: bpf.ExtVLANTagPresent, metaTag: bpf.ExtVLANTag,
	metaInterface: bpf.ExtInterfaceIndex, metaType: bpf.ExtType,
}

func (t test) emit(e *emitter, yes, no label) label {
	yes = e.near(yes)
	no = e.near(no)
	e.add(bpf.JumpIf{Cond: jumps[t.comparison], Val: t.value, SkipTrue: uint8(e.skip(yes)), SkipFalse: uint8(e.skip(no))})
	if t.mask != whole {
		e.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: t.mask})
	}
	switch t.from {
	case captured:
		return e.add(bpf.LoadAbsolute{Off: t.off, Size: int(t.size)})
	case behindIPv4:
		e.add(bpf.LoadIndirect{Off: t.off, Size: int(t.size)})
		return e.add(bpf.LoadMemShift{Off: t.header})
	}
	return e.add(bpf.LoadExtension{Num: extensions[t.from]})
}

// program emits p. Packets that pass give keep, the number of octets to keep of them.
func program(p predicate, keep uint32) ([]bpf.RawInstruction, error) {
	e := new(emitter)
	no := e.add(bpf.RetConstant{})
	yes := e.add(bpf.RetConstant{Val: keep})
	start := p.emit(e, yes, no)
	if int(start) != len(e.code)-1 {
		e.add(bpf.Jump{Skip: uint32(e.skip(start))})
	}
	if e.full {
		return nil, &Error{Reason: fmt.Sprintf("the expression takes more than %d instructions", maxProgram)}
	}
	code := make([]bpf.Instruction, 0, len(e.code))
	for i := len(e.code) - 1; i >= 0; i-- {
		code = append(code, e.code[i])
	}
	return bpf.Assemble(code)
}
