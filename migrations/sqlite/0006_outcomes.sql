-- Outcomes are understood before what else waits in their lane: found without reading all that waits there.
-- Same number, same tables, same columns as migrations/postgres/0006_outcomes.sql.
CREATE INDEX inbox_outcomes ON inbox (lane, seq) WHERE state = 0 AND substr(key, 1, 5) = 'done/';
