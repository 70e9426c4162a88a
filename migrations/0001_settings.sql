-- What staff decide about this installation, one JSON document per subject.
create table setting (
    key        text primary key,
    value      text not null,                        -- JSON
    changed_at text not null                         -- RFC 3339, UTC, whole seconds, like every moment here
);
