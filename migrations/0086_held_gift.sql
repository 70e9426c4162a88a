-- Forms of the donate page that were held back: staff let them through or discard them.
create table held_gift (
    id         text primary key,
    digest     text   not null unique,               -- of the form: the same one twice is held once
    reason     text   not null check (reason in ('trap', 'too_fast', 'limit')),
    name       text   not null,
    email      text   not null,
    amount     bigint not null check (amount > 0),
    currency   text   not null,
    form       text   not null,                      -- JSON, as it was typed
    at         text   not null,
    state      text   not null check (state in ('held', 'let_through', 'given', 'discarded')),
    decided_at text,
    decided_by text,
    gift_id    text   references gift (id),
    check ((state = 'held') = (decided_at is null)),
    check ((state = 'given') = (gift_id is not null))
);
create index held_gift_state on held_gift (state, at, id);
create index held_gift_at on held_gift (at);
