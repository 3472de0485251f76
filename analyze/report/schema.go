package report

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
)

// Schema is the JSON Schema (draft 2020-12) of each line that JSON writes. Objects are closed; the properties stand in
// the order of the keys.
//
//go:embed schema.json
var Schema []byte

// JSONNames are the names in the objects that JSON writes, at any depth.
func JSONNames() ([]string, error) {
	var schema any
	if err := json.Unmarshal(Schema, &schema); err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	gatherNames(schema, names)
	return slices.Sorted(maps.Keys(names)), nil
}

func gatherNames(schema any, names map[string]bool) {
	switch schema := schema.(type) {
	case []any:
		for _, part := range schema {
			gatherNames(part, names)
		}
	case map[string]any:
		for key, part := range schema {
			if properties, is := part.(map[string]any); is && key == "properties" {
				for name := range properties {
					names[name] = true
				}
			}
			gatherNames(part, names)
		}
	}
}
