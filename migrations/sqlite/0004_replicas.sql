-- Same numbers and tables as in PostgreSQL, where several instances share a database; here there is never but one.
ALTER TABLE instance ADD COLUMN taken BIGINT NOT NULL DEFAULT 0;

CREATE TABLE lease (
    id BIGINT PRIMARY KEY,
    beat BIGINT NOT NULL,
    released BIGINT NOT NULL
);
INSERT INTO lease (id, beat, released) VALUES (1, 0, 0);
