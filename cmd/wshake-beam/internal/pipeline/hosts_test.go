package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/pipeline"
)

// Of the hosts of a day some get a directory, and the others have one together: the same for any number of workers,
// octet for octet.
func TestHosts(t *testing.T) {
	var paths []string
	for _, name := range chosen {
		matches, _ := filepath.Glob(root + "/testdata/captures/" + name + ".pcap*")
		paths = append(paths, law.Cut(t, matches[0], 40)...)
	}
	cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20}
	want := law.Plain(t, paths, cfg)
	all, _ := run(t, t.TempDir(), paths, cfg, false)
	days := make(map[string][]string) // their hosts
	for name := range all {
		if day, host, found := strings.Cut(filepath.Dir(name), "/host="); found {
			days[day] = append(days[day], host)
		}
	}
	defer pipeline.SortInLittle()()
	var first map[string]string
	for _, share := range []part.Share{{}, {Workers: 1}, {Workers: 2, Least: 1}, {Workers: 8, Least: 1}} {
		t.Run(fmt.Sprint(share.Workers), func(t *testing.T) {
			o := pipeline.Options{Config: cfg, Output: t.TempDir(), Hosts: 1, Share: share,
				Format: pipeline.NDJSON | pipeline.Parquet}
			for i, path := range paths {
				o.Files = append(o.Files, part.File{Path: path, Number: int32(i)})
			}
			execute(t, o)
			files := readLines(t, o.Output)
			law.Compare(t, want, events(files))
			together := 0
			for day, hosts := range days {
				kept := 0
				for name := range files {
					if strings.HasPrefix(name, day+"/") {
						kept++
					}
				}
				if kept != min(len(hosts), 2) {
					t.Errorf("%s: %d directories of %q", day, kept, hosts)
				}
				_, others := files[day+"/host=.OTHERS/events.ndjson"]
				said := strings.Contains(strings.Join(files["problems.ndjson"], "\n"), day+"/host=.OTHERS")
				if more := len(hosts) > 1; others != more || said != more {
					t.Errorf("%s: others: %t, problems: %q, hosts: %q", day, others, files["problems.ndjson"], hosts)
				} else if more {
					together++
				}
			}
			if together == 0 {
				t.Error("no day has so many hosts: this test tests nothing")
			}
			rows := contents(t, o.Output)
			if first == nil {
				first = rows
				sameHosts(t, o.Output, all)
			}
			if !reflect.DeepEqual(rows, first) {
				for name := range first {
					if rows[name] != first[name] {
						t.Errorf("%s is another file for %d workers", name, share.Workers)
					}
				}
				t.Errorf("%d files, want %d", len(rows), len(first))
			}
		})
	}
}

// Those get a directory whose events begin first, whatever comes first, comes twice or is called what.
func TestFirstHosts(t *testing.T) {
	var lines []part.Line
	var want []string
	const hosts, most = 5000, 20
	for i := range hosts {
		host := fmt.Sprintf("host-%d.example", i*7919%hosts)
		for _, later := range []int{0, 3, hosts * 2} {
			lines = append(lines, part.Line{Host: host, Time: 1e18, Place: part.Place{Number: uint64(i + later)}})
		}
		if i < most {
			want = append(want, "day=2001-09-09/host="+host)
		}
	}
	slices.Sort(want)
	random := rand.New(rand.NewPCG(13, 14))
	for range 5 {
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		kept, problems, err := pipeline.Kept(append(lines, lines[:1000]...), most)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(kept, want) || problems != 1 {
			t.Errorf("%d problems, %q, want %q", problems, kept, want)
		}
	}
	if kept, problems, err := pipeline.Kept(lines, hosts); len(kept) != hosts || problems != 0 || err != nil {
		t.Errorf("%d of %d hosts, %d problems, %v", len(kept), hosts, problems, err)
	}
}

// sameHosts holds that rows which hosts have together are filed under the hosts that they have a directory of
// otherwise.
func sameHosts(t *testing.T, dir string, all map[string][]string) {
	t.Helper()
	hosts := make(map[string]string)
	for name, lines := range all {
		for _, line := range lines {
			hosts[line] = hostOf(t, name)
		}
	}
	paths, _ := filepath.Glob(dir + "/day=*/host=.OTHERS/events.parquet")
	for _, path := range paths {
		rows, _ := rowsOf(t, path)
		for _, row := range rows {
			if line := row["line"].(string); row["host"] != hosts[line] {
				t.Errorf("%v is filed under %v, want %s", line, row["host"], hosts[line])
			}
		}
	}
}
