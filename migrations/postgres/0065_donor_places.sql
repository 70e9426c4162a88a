-- PostgreSQL orders what a search finds by the donors' own rows; on SQLite hits come in their order.
select 1;
