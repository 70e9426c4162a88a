-- Search by any three letters in a row.
create extension if not exists pg_trgm;
