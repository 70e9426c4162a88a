-- Thanks by a person: letters as data, what was done about each gift, and who called.
create table letter_template (
    id         text primary key,
    name       text not null unique check (name <> ''),
    created_at text not null
);
create table letter_version (
    template_id text   not null references letter_template (id),
    version     bigint not null check (version > 0),
    subject     text   not null,
    body        text   not null,                     -- with {fields}
    by_name     text   not null,
    at          text   not null,
    primary key (template_id, version)
);
create table thanks_batch (
    id          text primary key,
    what        text   not null check (what in ('letters', 'thanked', 'do_not')),
    template_id text   references letter_template (id),
    version     bigint,
    gifts       bigint not null,
    by_name     text   not null,
    at          text   not null,
    undone_at   text,
    check ((what = 'letters') = (template_id is not null))
);
create index thanks_batch_at on thanks_batch (at, id);

-- What was done about one gift; without a row it waits, unless it was thanked before rows were kept.
create table acknowledgment (
    gift_id  text primary key references gift (id),
    state    text not null check (state in ('thanked', 'do_not')),
    way      text check (way in ('email', 'print', 'call', 'person')),
    batch_id text not null references thanks_batch (id),
    by_name  text not null,
    at       text not null,
    check ((state = 'do_not') = (way is null))
);
create index acknowledgment_batch on acknowledgment (batch_id);
create index acknowledgment_state on acknowledgment (state, at);

-- The letters as they went out.
create table thanks_letter (
    batch_id text not null references thanks_batch (id),
    gift_id  text not null references gift (id),
    way      text not null check (way in ('email', 'print')),
    name     text not null,
    address  text,
    subject  text not null,
    body     text not null,
    primary key (batch_id, gift_id)
);
create table thanks_note (
    id      text primary key,
    gift_id text not null references gift (id),
    on_day  text not null,
    words   text not null check (words <> ''),
    by_name text not null,
    at      text not null
);
create index thanks_note_gift on thanks_note (gift_id, on_day);

insert into letter_template (id, name, created_at)
values ('00000000-0000-7000-8000-000000000101', 'Thank you', '2026-01-01T00:00:00Z');
insert into letter_version (template_id, version, subject, body, by_name, at)
values ('00000000-0000-7000-8000-000000000101', 1, 'Thank you for your gift',
'Dear {name},

thank you for your gift of {amount} on {date}. It goes to: {fund}.

{tribute}

Your support keeps our work going, and it means a great deal to all of us.

With warm regards,
{sender}
{coalition}', 'Convener', '2026-01-01T00:00:00Z');
