package hpack

import "golang.org/x/net/http2/hpack"

// staticFields is the static table (§2.3.1, Appendix A), its first entry at 0.
var staticFields = readStatic()

const staticLength = 61

// readStatic asks the library for each entry.
func readStatic() (list [staticLength]Field) {
	decoder := hpack.NewDecoder(0, nil)
	for i := range list {
		fields, err := decoder.DecodeFull([]byte{0x80 | byte(i+1)})
		if err != nil || len(fields) != 1 {
			panic("hpack: the library lacks an entry of the static table")
		}
		list[i] = Field{Name: []byte(fields[0].Name), Value: []byte(fields[0].Value)}
	}
	return list
}
