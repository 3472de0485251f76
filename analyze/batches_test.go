package analyze

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
)

// piped plays a tape as a pipe may be read: with as many packets in a batch as were there.
type piped struct {
	*player
	r *rand.Rand
}

func (p piped) Read(b *capture.Batch) error {
	rest := p.left
	p.left = rest[:min(len(rest), 1+p.r.IntN(capture.BatchSize))]
	n := len(p.left)
	err := p.player.Read(b)
	p.left = rest[n:]
	return err
}

// oneAfterTheOther joins recordings whose clocks go back from one to the next, and on, by hours.
func oneAfterTheOther(t *testing.T) (joined tape, messages int) {
	for i, name := range []string{"node-ws", "node-ws-fragments", "gobwas-deflate", "tornado-plain", "close-data-after", "tornado-deflate", "nginx-default"} {
		one := loadTape(t, recording(name))
		messages += len(one.analyse(t).messages)
		begins := (100 - 13*int64(i%4)) * 3600e9
		for _, p := range one {
			p.Time += begins - one[0].Time
			joined = append(joined, p)
		}
	}
	return joined, messages
}

// What is reported depends neither on where batches end nor on clocks that go back.
func TestBatchesDoNotMatter(t *testing.T) {
	joined, messages := oneAfterTheOther(t)
	if got := len(joined.analyse(t).messages); got != messages || messages == 0 {
		t.Errorf("%d messages in all, %d one by one", got, messages)
	}
	r := rand.New(rand.NewPCG(6455, 1))
	for lost := range 6 {
		damaged := make(tape, 0, len(joined))
		for i, p := range joined {
			if lost == 0 || i%(7+lost) != lost { // gaps are waited for, which takes time
				damaged = append(damaged, p)
			}
		}
		printed := func(src capture.Source, workers int) string {
			var out bytes.Buffer
			j := report.NewJSON(&out, report.Options{Show: event.AllKinds, Names: src.Names})
			if err := Run(context.Background(), src, Config{Want: event.AllKinds, Workers: workers}, j); err != nil {
				t.Fatal(err)
			}
			if err := j.Flush(); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		want := printed(damaged.play(), 1)
		for try := range 8 {
			if got := printed(piped{damaged.play(), r}, 1+try%4); got != want {
				t.Fatalf("damage %d: other output with other batches\n%s", lost, firstDifference(want, got))
			}
		}
	}
}

func firstDifference(a, b string) string {
	x, y := bytes.Split([]byte(a), []byte("\n")), bytes.Split([]byte(b), []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return fmt.Sprintf("line %d\n%s\n%s", i+1, x[i], y[i])
		}
	}
	return "one goes on"
}
