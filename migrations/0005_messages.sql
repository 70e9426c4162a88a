-- Outgoing mail, written with the fact it tells.
create table message (
    id          text primary key,
    addressee   text   not null,
    class       text   not null check (class in ('transactional', 'membership_service', 'updates', 'fundraising')),
    record_kind text   not null,                     -- what it is about
    record_id   text   not null,
    subject     text   not null,
    body_text   text   not null,
    body_html   text   not null,
    state       text   not null check (state in ('queued', 'sent', 'captured', 'dead')),
    queued_at   text   not null,
    done_at     text,
    attempts    bigint not null,
    error       text,
    check ((state = 'queued') = (done_at is null))
);
create index message_state on message (state, id);
create index message_record on message (record_kind, record_id);
