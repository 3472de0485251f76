package report

import "wshake/analyze/event"

// caveats gathers caveats by name: the first of each and how many there were.
type caveats struct {
	kinds  []*caveat
	byName map[string]*caveat
}

type caveat struct {
	name, text string
	count      uint64
	octets     uint64
}

func (k *caveats) add(e *event.Caveat, place string) {
	c := k.byName[e.Name]
	if c == nil {
		c = &caveat{name: e.Name, text: sentence(e.Text) + " (" + place + ")"}
		k.kinds = append(k.kinds, c)
		if k.byName == nil {
			k.byName = make(map[string]*caveat)
		}
		k.byName[e.Name] = c
	}
	c.count++
	c.octets += e.Bytes.Value
}

// omit counts caveats that have no event, and reports whether it did.
func (k *caveats) omit(e *event.Caveat) bool {
	c := k.byName[e.Omitted.Check]
	if e.Name != "caveats-omitted" || c == nil {
		return false
	}
	c.count += e.Omitted.Count
	c.octets += e.Bytes.Value
	return true
}

func (k *caveats) print(o *output) {
	if len(k.kinds) == 0 {
		return
	}
	o.section()
	for _, c := range k.kinds {
		name := " " + c.name
		if c.count > 1 {
			name += ", " + number(c.count) + " times"
			if c.octets > 0 {
				name += ", " + size(c.octets)
			}
			name += "; the first"
		}
		o.paragraph(paragraph{word: "caveat", tint: doubtful, text: name + ": " + c.text, indent: 4})
	}
}
