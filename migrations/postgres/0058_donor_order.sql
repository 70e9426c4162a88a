-- PostgreSQL orders what a search finds by the donors' own rows; SQLite keeps the order beside its hits.
select 1;
