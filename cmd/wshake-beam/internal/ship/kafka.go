package ship

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka is a topic of Kafka. Its broker drops what one run of a shipper sends twice; what is sent again by the next run
// has the same id, in a header, for the reader to drop.
type Kafka struct{ client *kgo.Client }

// HeaderID holds the message id.
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
		records[i] = &kgo.Record{Key: []byte(m.Key), Value: m.Line, Headers: []kgo.RecordHeader{{Key: HeaderID, Value: []byte(m.ID)}}}
	}
	return k.client.ProduceSync(ctx, records...).FirstErr()
}
