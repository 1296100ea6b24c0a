-- Several instances on one database: one leads, the others stand by and take transactions in.
-- How often somebody else than the leader wrote into the inbox: where the number grew, the leader reads its lanes again.
ALTER TABLE instance ADD COLUMN taken BIGINT NOT NULL DEFAULT 0;

-- The leader's sign of life: `beat` grows while it lives; `released` is the fence of the one that ended in good order.
CREATE TABLE lease (
    id BIGINT PRIMARY KEY,
    beat BIGINT NOT NULL,
    released BIGINT NOT NULL
);
INSERT INTO lease (id, beat, released) VALUES (1, 0, 0);
