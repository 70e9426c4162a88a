-- What is known of an organization besides what its application asked.
alter table organization add column legal_name text;
alter table organization add column ein text;                 -- NN-NNNNNNN
alter table organization add column domain text;              -- of its web site, without www
alter table organization add column postal_address text;      -- several lines
alter table organization add column search_more text not null default '';   -- folded: what only staff search by
create index organization_domain on organization (domain);

-- What it was called before, and the public address it had then.
create table former_name (
    id              text primary key,
    organization_id text not null references organization (id),
    name            text not null check (name <> ''),
    slug            text unique,                     -- its old address leads to the new one
    from_day        text,
    until_day       text,
    noted_at        text not null,
    check (from_day is null or until_day is null or from_day <= until_day)
);
create index former_name_of on former_name (organization_id);

-- Where it works, besides where its main office is.
create table organization_state (
    organization_id text not null references organization (id),
    state_code      text not null,
    primary key (organization_id, state_code)
);
create index organization_state_code on organization_state (state_code);

-- Mailboxes that belong to a task and not to a person.
create table role_mailbox (
    id              text primary key,
    organization_id text not null references organization (id),
    purpose         text not null check (purpose in ('general', 'press', 'membership', 'policy', 'events', 'billing')),
    email           text not null,
    unique (organization_id, purpose, email)
);

-- Words staff sort by.
create table organization_tag (
    organization_id text not null references organization (id),
    tag             text not null check (tag <> ''),
    primary key (organization_id, tag)
);
create index organization_tag_word on organization_tag (tag);

-- What staff write down for each other. Never public; rows are only ever added.
create table organization_note (
    id              text primary key,
    organization_id text not null references organization (id),
    at              text not null,
    who             text not null,
    body            text not null check (body <> '')
);
create index organization_note_of on organization_note (organization_id, id);
