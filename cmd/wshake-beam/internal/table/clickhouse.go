package table

import (
	"fmt"
	"strings"
)

// ClickHouse is the statement that makes a table of the lines of wshake's --output json, with the same columns.
func ClickHouse() string {
	var b strings.Builder
	b.WriteString("-- Events as they come; the other columns are made of the line. " +
		"Made by package table. Read in CI by chDB 3.4, which is ClickHouse 26.7.\n" +
		"-- clickhouse-client --query 'INSERT INTO wshake_events (line) FORMAT LineAsString' < events.ndjson\n" +
		"CREATE TABLE wshake_events\n(\n")
	for _, c := range Columns() {
		if c.Name == columnLine {
			fmt.Fprintf(&b, "    `%s` String CODEC(ZSTD(3))\n", c.Name)
			continue
		}
		kind, from := c.clickHouse(c.path)
		if c.path[0] == "close" { // of connections, or of frames
			_, other := c.clickHouse([]string{c.Name})
			from = fmt.Sprintf("coalesce(%s, %s)", from, other)
		}
		fmt.Fprintf(&b, "    `%s` %s MATERIALIZED %s,\n", c.Name, kind, from)
	}
	b.WriteString(")\nENGINE = MergeTree\nPARTITION BY toYYYYMMDD(ifNull(`time`, toDateTime64(0, 9, 'UTC')))\n" +
		"ORDER BY (`type`, ifNull(`time`, toDateTime64(0, 9, 'UTC')), ifNull(`community_id`, ''));\n")
	return b.String()
}

// clickHouse is the type of a column, and what makes it of the line.
func (c *Column) clickHouse(path []string) (kind, from string) {
	at := "line, '" + strings.Join(path, "', '") + "'"
	switch {
	case !c.nullable():
		return "LowCardinality(String)", "JSONExtractString(" + at + ")"
	case path[len(path)-1] == "conn": // a number, or a name in quotation marks
		return "Nullable(String)", "nullIf(nullIf(trim(BOTH '\"' FROM JSONExtractRaw(" + at + ")), 'null'), '')"
	case c.Type == Time:
		return "Nullable(DateTime64(9, 'UTC'))",
			"parseDateTime64BestEffortOrNull(JSONExtractString(" + at + "), 9, 'UTC')"
	}
	kind = map[Type]string{Text: "Nullable(String)", Integer: "Nullable(Int64)", Boolean: "Nullable(Bool)"}[c.Type]
	return kind, "JSONExtract(" + at + ", '" + kind + "')"
}
