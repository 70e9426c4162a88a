-- The donor asked not to be named in public. Staff see who it was.
alter table gift add column anonymous boolean not null default false;
