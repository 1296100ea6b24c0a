-- The inbox, the outbox and what we know of rooms and tickets. Times are milliseconds since 1970, bodies are JSON.
-- Same number, same tables, same columns as migrations/postgres/0001_delivery.sql.
CREATE TABLE instance (
    id BIGINT PRIMARY KEY,
    fence BIGINT NOT NULL
);
INSERT INTO instance (id, fence) VALUES (1, 0);

CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    body TEXT NOT NULL,
    received_ms BIGINT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inbox_waiting ON inbox (lane, seq) WHERE state = 0;
CREATE INDEX inbox_done ON inbox (received_ms) WHERE state <> 0;

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    side TEXT NOT NULL,
    holds BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    not_before_ms BIGINT NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (side, lane, seq) WHERE state < 2;
CREATE INDEX outbox_holding ON outbox (lane) WHERE state < 2 AND holds = 1;
CREATE INDEX outbox_dead ON outbox (seq) WHERE state = 3;
CREATE INDEX outbox_done ON outbox (created_ms) WHERE state = 2;

CREATE TABLE rooms (
    room_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    ticket TEXT,
    desk TEXT
);
CREATE INDEX rooms_desk ON rooms (desk) WHERE desk IS NOT NULL;

CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- Events that something refers to: offers (thread roots), and messages that stand for a helpdesk's message.
CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    message TEXT
);
CREATE INDEX events_message ON events (ticket, message) WHERE message IS NOT NULL;

CREATE TABLE names (
    user_id TEXT PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
