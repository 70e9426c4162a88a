-- What an organization is asked to contribute. Standing never depends on it.
create table contribution_counter (
    id     bigint primary key check (id = 1),
    number bigint not null
);
insert into contribution_counter (id, number) values (1, 0);

create table contribution (
    id              text primary key,
    number          bigint not null unique,          -- of its invoice
    organization_id text   not null references organization (id),
    fund_id         text   not null references fund (id),
    amount          bigint not null check (amount > 0),
    currency        text   not null,
    period          text   not null,
    due_day         text   not null,
    note            text   not null,
    asked_at        text   not null,
    asked_by        text   not null,
    closed_as       text check (closed_as in ('offline', 'waived', 'withdrawn')),
    closed_day      text,
    closed_by       text,
    closed_note     text   not null default '',
    check ((closed_as is null) = (closed_day is null)),
    check (closed_as is null or closed_note <> '')
);
create unique index contribution_period on contribution (organization_id, period) where closed_as is null;
create index contribution_of on contribution (organization_id, asked_at);

-- The gift by which a contribution is paid by card: one, however often the payment is begun.
create table contribution_payment (
    contribution_id text primary key references contribution (id),
    gift_id         text not null unique references gift (id),
    begun_at        text not null
);
