package report

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of each line that JSON writes. Objects are closed; the properties stand in
// the order of the keys.
//
//go:embed schema.json
var Schema []byte
