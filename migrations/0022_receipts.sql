-- The donee named on receipts, from a day on.
create table legal_entity (
    id           text primary key,
    from_day     text    not null unique,
    name         text    not null check (name <> ''),
    ein          text,
    address      text    not null,
    sponsorship  text,                               -- such as: for the benefit of its program …
    signatory    text    not null,
    deductible   boolean not null
);

-- The last number given out. One row; taking the next locks it, so numbers have no gaps.
create table receipt_counter (
    id     bigint primary key check (id = 1),
    number bigint not null
);
insert into receipt_counter (id, number) values (1, 0);

create table receipt (
    id         text primary key,
    number     bigint not null unique,
    gift_id    text   not null,
    state      text   not null check (state in ('issued', 'superseded', 'void')),
    issued_at  text   not null,
    ended_at   text,                                 -- when it was superseded or voided
    ended_why  text,
    frozen     text   not null,                      -- JSON: everything it says, never changed
    check ((state = 'issued') = (ended_at is null))
);
create unique index receipt_standing on receipt (gift_id) where state = 'issued';
create index receipt_of_gift on receipt (gift_id, number);
