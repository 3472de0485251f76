// Wshake-ship sends the events that wshake writes with --output-file to NATS JetStream or Kafka, each once.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"wshake/cmd/wshake-beam/internal/ship"
)

// Exit statuses, as those of wshake.
const (
	exitDone  = 0
	exitUsage = 2
	exitInput = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, complaints io.Writer) int {
	flags := flag.NewFlagSet("wshake-ship", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() {
		fmt.Fprint(complaints, "usage: wshake-ship --position FILE {--nats URL | --kafka HOST:PORT,..} PATTERN\n\n"+
			"Follows the files that PATTERN matches, from the oldest on, and sends their lines.\n\n")
		flags.PrintDefaults()
	}
	host, _ := os.Hostname()
	position := flags.String("position", "", "file that notes what was sent")
	sensor := flags.String("sensor", host, "name of this sensor, part of the message ids")
	url := flags.String("nats", "", "URL of a NATS server with JetStream")
	stream := flags.String("stream", "wshake", "with --nats: name of the stream")
	subject := flags.String("subject", "wshake.events", "with --nats: subjects are this and .0 to .63, by Community ID")
	brokers := flags.String("kafka", "", "addresses of Kafka brokers, with commas between")
	topic := flags.String("topic", "wshake-events", "with --kafka: the topic; keys are Community IDs")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	complain := func(err error) { fmt.Fprintf(complaints, "wshake-ship: %v\n", err) }
	if flags.NArg() != 1 || *position == "" || *sensor == "" || (*url == "") == (*brokers == "") {
		flags.Usage()
		return exitUsage
	}
	f := ship.Follower{Pattern: flags.Arg(0), Position: *position, Sensor: *sensor, Complain: complain}
	if *url != "" {
		var sink *ship.NATS
		err := ship.Persist(ctx, time.Second, complain, func() (err error) { // the server may come later
			sink, err = ship.OpenNATS(ctx, *url, *stream, *subject)
			return err
		})
		if err != nil {
			return exitDone
		}
		defer sink.Close()
		f.Sink = sink
	} else {
		sink, err := ship.OpenKafka(strings.Split(*brokers, ","), *topic, complain)
		if err != nil {
			complain(err)
			return exitInput
		}
		defer sink.Close()
		f.Sink = sink
	}
	if err := f.Run(ctx); err != nil {
		complain(err)
		return exitInput
	}
	return exitDone
}
