-- Events as they come, with what is asked for most as columns. Not tried.
CREATE TABLE wshake_events
(
    line         String CODEC(ZSTD(3)),
    type         LowCardinality(String) MATERIALIZED JSONExtractString(line, 'type'),
    time         DateTime64(9, 'UTC')   MATERIALIZED parseDateTime64BestEffortOrZero(JSONExtractString(line, 'time'), 9, 'UTC'),
    community_id String                 MATERIALIZED JSONExtractString(line, 'community_id'),
    client       String                 MATERIALIZED JSONExtractString(line, 'client'),
    server       String                 MATERIALIZED JSONExtractString(line, 'server'),
    host         LowCardinality(String) MATERIALIZED JSONExtractString(line, 'host'),
    verdict      LowCardinality(String) MATERIALIZED JSONExtractString(line, 'verdict'),
    status       Nullable(UInt16)       MATERIALIZED JSONExtract(line, 'status', 'Nullable(UInt16)'),
    name         LowCardinality(String) MATERIALIZED JSONExtractString(line, 'name'),
    level        LowCardinality(String) MATERIALIZED JSONExtractString(line, 'level')
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (type, host, time, community_id);
-- clickhouse-client --query 'INSERT INTO wshake_events (line) FORMAT LineAsString' < events.ndjson
