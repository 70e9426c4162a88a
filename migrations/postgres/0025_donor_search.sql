-- Donors by any three letters in a row.
create index donor_search on donor using gin (search gin_trgm_ops);
