package pipeline_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/cmd/wshake-beam/internal/table"
)

const clickHouseTable = "../../deploy/clickhouse.sql"

// The table for ClickHouse has the same columns.
func TestClickHouse(t *testing.T) {
	b, err := os.ReadFile(clickHouseTable)
	if err != nil {
		t.Fatal(err)
	}
	if want := table.ClickHouse(); string(b) != want {
		t.Errorf("deploy/clickhouse.sql must be\n%s", want)
	}
}

// clickHouse runs the statements of a file, a list in JSON, and prints the rows of the last as objects.
const clickHouse = `
const {Session} = require('chdb');
const session = new Session();
let out = '';
for (const statement of JSON.parse(require('fs').readFileSync(process.argv[1]))) {
  out = session.query(statement, 'JSONEachRow');
}
process.stdout.write(out);
session.cleanup();`

// queried gives the rows of the last of some statements.
func queried(t *testing.T, statements ...string) []string {
	t.Helper()
	b, err := json.Marshal(statements)
	path := filepath.Join(t.TempDir(), "statements.json")
	if err := errors.Join(err, os.WriteFile(path, b, 0o600)); err != nil {
		t.Fatal(err)
	}
	return scripted(t, "chdb", clickHouse, path)
}

// sameForClickHouse compares the lines with the rows of the table that they are put in, and with those that ClickHouse
// reads from the files of Parquet below a directory.
func sameForClickHouse(t *testing.T, dir string, files map[string][]string) {
	t.Helper()
	t.Run("ClickHouse", func(t *testing.T) {
		create, err := os.ReadFile(clickHouseTable)
		if err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, c := range table.Columns() {
			column := "`" + c.Name + "`"
			if c.Type == table.Time {
				nanoseconds := "toUnixTimestamp64Nano(`" + c.Name + "`)"
				column = "intDiv(" + nanoseconds + ", 1000) - (" + nanoseconds + " % 1000 < 0) AS " + column
			}
			columns = append(columns, column)
		}
		all := "SELECT " + strings.Join(columns, ", ") + " FROM "
		var inTable, inParquet, lines []string
		for name, of := range files {
			lines = append(lines, of...)
			for _, line := range of {
				var event struct{ Host string }
				if err := json.Unmarshal([]byte(line), &event); err != nil {
					t.Fatal(err)
				}
				inTable = append(inTable, rowText(columnsOf(t, line, event.Host)))
				inParquet = append(inParquet, rowText(columnsOf(t, line, hostOf(t, name))))
			}
		}
		path := filepath.Join(t.TempDir(), "events.ndjson")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		sameTexts(t, "the table", queried(t, string(create),
			"INSERT INTO wshake_events (line) SELECT line FROM file('"+path+"', LineAsString)",
			all+"wshake_events"), inTable)
		sameTexts(t, "ClickHouse", queried(t,
			all+"file('"+dir+"/**/*.parquet', Parquet) SETTINGS use_hive_partitioning = 0"), inParquet)
	})
}
