package ship

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka is a topic of Kafka. What is sent again, after an error or by the next run of a shipper, has the same id, in a
// header, for the reader to drop.
type Kafka struct{ client *kgo.Client }

// HeaderID holds the message id. HeaderSensor is there, too.
const HeaderID = "wshake-id"

// OpenKafka makes a producer for a topic. It complains of brokers that cannot be reached: whoever publishes waits for
// them.
func OpenKafka(brokers []string, topic string, complain func(error)) (*Kafka, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.WithHooks(unreachable(complain)))
	if err != nil {
		return nil, err
	}
	return &Kafka{client}, nil
}

// unreachable is told when a connection to a broker was made or was not.
type unreachable func(error)

// OnBrokerConnect is part of kgo.HookBrokerConnect.
func (complain unreachable) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		complain(err)
	}
}

// Close ends the connection.
func (k *Kafka) Close() { k.client.Close() }

func record(m *Message) *kgo.Record {
	return &kgo.Record{Key: []byte(m.Key), Value: m.Line, Headers: []kgo.RecordHeader{
		{Key: HeaderID, Value: []byte(m.ID)}, {Key: HeaderSensor, Value: []byte(m.Sensor)}}}
}

// Publish sends messages and waits for all acknowledgements. Those of one key go to one partition.
func (k *Kafka) Publish(ctx context.Context, messages []Message) error {
	records := make([]*kgo.Record, len(messages))
	for i, m := range messages {
		records[i] = record(&m)
	}
	var large []int
	for _, r := range k.client.ProduceSync(ctx, records...) { // in the order in which they were acknowledged
		if errors.Is(r.Err, kerr.MessageTooLarge) {
			large = append(large, slices.Index(records, r.Record))
		} else if r.Err != nil {
			return r.Err
		}
	}
	slices.Sort(large)
	var at []int // that are refused
	var why error
	for _, i := range large { // a broker says so of all records that came in one batch
		err := k.client.ProduceSync(ctx, record(&messages[i])).FirstErr()
		if errors.Is(err, kerr.MessageTooLarge) {
			at, why = append(at, i), err
		} else if err != nil {
			return err
		}
	}
	return refused(at, why)
}
