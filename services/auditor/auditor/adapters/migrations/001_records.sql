-- The event store: every record of every topic, byte for byte, in the order of nothing but its
-- coordinates. Rows are added and never changed.
CREATE TABLE IF NOT EXISTS audit.records (
    topic         text        COLLATE "C" NOT NULL,
    partition     integer     NOT NULL,
    "offset"      bigint      NOT NULL,
    logged_at     timestamptz NOT NULL,
    key           bytea,
    value         bytea,
    headers       bytea       NOT NULL, -- framed by auditor.domain.frames
    message_id    text        COLLATE "C",
    type          text        COLLATE "C",
    ref           text        COLLATE "C",
    event_id      text        COLLATE "C",
    causation     text        COLLATE "C",
    target        text        COLLATE "C",
    written       text        COLLATE "C",
    result        text        COLLATE "C",
    code          text        COLLATE "C",
    subject       text        COLLATE "C",
    round         integer,
    user_id       text        COLLATE "C",
    waits_on      text        COLLATE "C",
    map_hash      text        COLLATE "C",
    operation_id  text        COLLATE "C",
    origin        text        COLLATE "C",
    event_time    timestamptz,
    PRIMARY KEY (topic, partition, "offset")
);

-- One event after the other with each of its messages: the conservation law is counted, and a
-- story found, from this index alone.
CREATE INDEX IF NOT EXISTS records_of_event
    ON audit.records (event_id, message_id, topic, "offset")
    INCLUDE (partition, logged_at, subject, result, operation_id);

-- Turned round, an id finds its record without the system and kind in front of it.
CREATE INDEX IF NOT EXISTS records_of_ref
    ON audit.records (reverse(ref)) WHERE ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_to_target
    ON audit.records (reverse(target)) WHERE target IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_written_as
    ON audit.records (reverse(written)) WHERE written IS NOT NULL;

-- Few, and asked for in every count: outcomes of records that could not be read.
CREATE INDEX IF NOT EXISTS records_undecodable
    ON audit.records (event_id) WHERE code = 'UNDECODABLE';
