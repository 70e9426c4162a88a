-- Search by any three letters in a row is built into SQLite's FTS5; nothing is to be prepared.
select 1;
