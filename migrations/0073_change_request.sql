-- What a delegate asks to have changed and staff decide. What it was before is kept, so that nothing is
-- approved over what somebody changed meanwhile.
create table change_request (
    id              text primary key,
    organization_id text not null references organization (id),
    contact_id      text not null references contact (id),
    kind            text not null check (kind in ('names', 'email', 'hand_over')),
    before          text not null,                   -- JSON
    after           text not null,                   -- JSON
    note            text not null,
    asked_at        text not null,
    asked_by        text not null,
    state           text not null default 'waiting' check (state in ('waiting', 'approved', 'refused', 'withdrawn')),
    decided_at      text,
    decided_by      text,
    reason          text not null default '',
    check ((state = 'waiting') = (decided_at is null)),
    check (state <> 'refused' or reason <> '')
);
create unique index change_request_waiting on change_request (organization_id, kind) where state = 'waiting';
create index change_request_of on change_request (organization_id, asked_at);
