package ship

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// NATS is a stream of NATS JetStream. Its server drops messages whose id it knows.
type NATS struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	subject string
}

// Header fields of messages.
const (
	HeaderKey    = "Wshake-Community-Id"
	HeaderSensor = "Wshake-Sensor"
)

const (
	// Parts is how many subjects events are spread over by their keys.
	Parts = 64
	// Remembered is how long the server knows ids: a shipper that was down for longer may send a batch twice.
	Remembered = time.Hour
	ackTimeout = 5 * time.Second
)

// OpenNATS connects to a server and makes the stream, which takes "SUBJECT.0" to "SUBJECT.63". One that is there stays
// as it is: who runs the server may have chosen its limits and replicas.
func OpenNATS(ctx context.Context, url, stream, subject string) (*NATS, error) {
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.CustomReconnectDelay(reconnectDelay),
		nats.ReconnectBufSize(-1), nats.RetryOnFailedConnect(true),
		nats.IgnoreAuthErrorAbort()) // who refuses it today may not tomorrow
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncTimeout(ackTimeout), jetstream.WithPublishAsyncMaxPending(batchLines))
	if err == nil {
		if _, err = js.Stream(ctx, stream); errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: stream, Subjects: []string{subject + ".*"},
				Duplicates: Remembered, Storage: jetstream.FileStorage})
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &NATS{conn, js, subject}, nil
}

// reconnectDelay is how long to wait after so many rounds of attempts to connect.
func reconnectDelay(attempts int) time.Duration {
	const first, longest = 500 * time.Millisecond, 8 * time.Second
	return somewhat(min(first<<min(attempts, 10), longest))
}

// Close ends the connection.
func (n *NATS) Close() { n.conn.Close() }

// part is the subject of a key.
func part(key string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(key))
	return h.Sum32() % Parts
}

// Publish sends messages and waits for all acknowledgements.
func (n *NATS) Publish(ctx context.Context, messages []Message) error {
	acks := make([]jetstream.PubAckFuture, len(messages))
	var at []int // that are refused
	var why error
	for i, m := range messages {
		msg := nats.NewMsg(fmt.Sprintf("%s.%d", n.subject, part(m.Key)))
		msg.Data = m.Line
		msg.Header.Set(jetstream.MsgIDHeader, m.ID)
		msg.Header.Set(HeaderKey, m.Key)
		msg.Header.Set(HeaderSensor, m.Sensor)
		ack, err := n.js.PublishMsgAsync(msg)
		switch {
		case errors.Is(err, nats.ErrMaxPayload):
			at, why = append(at, i), err
		case err != nil:
			return err
		}
		acks[i] = ack
	}
	for i, ack := range acks {
		if ack == nil {
			continue
		}
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			api := (*jetstream.APIError)(nil)
			if !errors.As(err, &api) || api.ErrorCode != jetstream.JSErrCodeStreamMessageExceedsMaximum {
				return err
			}
			at, why = append(at, i), err // by the stream, whose limit may be below the server's
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return refused(at, why)
}
