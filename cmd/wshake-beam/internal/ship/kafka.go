package ship

import (
	"context"
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka is a topic of Kafka. What is sent again, after an error or by the next run of a shipper, has the same id, in a
// header, for the reader to drop.
type Kafka struct{ client *kgo.Client }

// HeaderID holds the message id. HeaderSensor is there, too.
const HeaderID = "wshake-id"

// OpenKafka makes a producer for a topic.
func OpenKafka(brokers []string, topic string) (*Kafka, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic), kgo.RequiredAcks(kgo.AllISRAcks()))
	if err != nil {
		return nil, err
	}
	return &Kafka{client}, nil
}

// Close ends the connection.
func (k *Kafka) Close() { k.client.Close() }

// Publish sends messages and waits for all acknowledgements. Those of one key go to one partition.
func (k *Kafka) Publish(ctx context.Context, messages []Message) error {
	records := make([]*kgo.Record, len(messages))
	for i, m := range messages {
		records[i] = &kgo.Record{Key: []byte(m.Key), Value: m.Line, Headers: []kgo.RecordHeader{
			{Key: HeaderID, Value: []byte(m.ID)}, {Key: HeaderSensor, Value: []byte(m.Sensor)}}}
	}
	results := k.client.ProduceSync(ctx, records...)
	for _, r := range results { // in the order in which they were acknowledged
		if errors.Is(r.Err, kerr.MessageTooLarge) {
			return &Refused{slices.Index(records, r.Record), r.Err}
		}
	}
	return results.FirstErr()
}
