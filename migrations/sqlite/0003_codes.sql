-- Intake codes, and what quotas are counted by. Times are milliseconds since 1970.
-- Same number, same tables, same columns as migrations/postgres/0003_codes.sql.
CREATE TABLE codes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    device TEXT,
    template TEXT,
    language TEXT,
    disabled BIGINT NOT NULL DEFAULT 0,
    made_ms BIGINT NOT NULL
);

-- What customers were let do, and what they were told: once for each key, however often its cause comes again.
CREATE TABLE admissions (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    server TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX admissions_user ON admissions (user_id, kind, at_ms);
CREATE INDEX admissions_server ON admissions (server, kind, at_ms);
CREATE INDEX admissions_time ON admissions (at_ms);

-- Who opened it in Matrix, and whether it is open: to count a customer's open tickets.
ALTER TABLE tickets ADD COLUMN opener TEXT;
ALTER TABLE tickets ADD COLUMN is_open BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_open ON tickets (opener) WHERE is_open = 1;
