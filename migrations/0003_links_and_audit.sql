-- A signed link as far as we must remember it; the link itself is known only to who received it.
create table signed_link (
    digest     text primary key,                     -- sha-256 of the random part
    purpose    text not null,
    subject    text not null,
    issued_at  text not null,
    expires_at text not null,
    used_at    text,
    revoked_at text
);
create index signed_link_subject on signed_link (purpose, subject);

-- Who did what. Rows are only ever added.
create table audit_event (
    id          text primary key,                    -- UUIDv7: order of ids is order of time
    at          text not null,
    actor_kind  text not null check (actor_kind in ('staff', 'applicant', 'donor', 'system', 'command_line')),
    actor_id    text not null,
    actor_name  text not null,
    action      text not null,
    record_kind text not null,
    record_id   text not null,
    before      text,                                -- JSON
    after       text                                 -- JSON
);
create index audit_event_record on audit_event (record_kind, record_id, id);
