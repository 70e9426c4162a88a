-- A commitment that an organization made again. Each term, named by the day it was due, is answered once.
create table reaffirmation (
    id                 text primary key,
    organization_id    text   not null references organization (id),
    term               text   not null,                 -- the day it was due
    on_day             text   not null,
    commitment_version bigint references commitment_text (version),
    how                text   not null check (how in ('link', 'staff', 'before')),
    who                text   not null,                 -- the delegate, or who told it
    note               text   not null,
    document_id        text references organization_document (id),
    noted_at           text   not null,
    noted_by           text   not null,
    unique (organization_id, term),
    check (how <> 'link' or commitment_version is not null)
);

-- Every rung of the ladder of reminders that was reached, once: mailed, or skipped and why.
create table reaffirmation_reminder (
    organization_id text not null references organization (id),
    rule            text not null,                      -- 'before-60', 'after-14'
    term            text not null,
    at              text not null,
    skipped         text,                               -- why it was not mailed
    primary key (organization_id, rule, term)
);

-- Who was called about it, and what came of it.
create table reaffirmation_call (
    id              text primary key,
    organization_id text not null references organization (id),
    on_day          text not null,
    outcome         text not null check (outcome in ('promised', 'message', 'no_answer', 'leaves', 'other')),
    note            text not null,
    noted_at        text not null,
    noted_by        text not null
);
create index reaffirmation_call_of on reaffirmation_call (organization_id, on_day, id);
