-- What tells one organization from another of the same name.
alter table application add column legal_name text;
alter table application add column ein text;         -- 12-3456789
