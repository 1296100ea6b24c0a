-- Which language somebody chose. Same number, same tables, same columns as migrations/postgres/0002_languages.sql.
CREATE TABLE languages (
    user_id TEXT PRIMARY KEY,
    language TEXT NOT NULL
);
