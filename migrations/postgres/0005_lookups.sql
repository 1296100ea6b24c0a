-- What stands for a helpdesk's message is found by the message first: new rows stand beside each other in the index,
-- however many tickets they belong to. Same number as migrations/sqlite/0005_lookups.sql.
DROP INDEX events_message;
CREATE INDEX events_message ON events (message, ticket) WHERE message IS NOT NULL;
