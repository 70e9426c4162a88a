-- What donors promised to give, and when.
create table pledge (
    id             text primary key,
    donor_id       text    not null references donor (id),
    fund_id        text    not null references fund (id),
    campaign_id    text    references campaign (id),
    amount         bigint  not null check (amount > 0),
    currency       text    not null,
    rhythm         text    not null check (rhythm in ('once', 'monthly', 'quarterly', 'yearly')),
    made_on        text    not null,
    note           text    not null,
    reminders      boolean not null,
    state          text    not null check (state in ('open', 'written_off')),
    written_off_at text,
    why            text,                             -- it was written off
    created_at     text    not null,
    check ((state = 'written_off') = (written_off_at is not null and why is not null))
);
create index pledge_donor on pledge (donor_id, made_on);
create index pledge_newest on pledge (created_at, id);

create table pledge_instalment (
    pledge_id text   not null references pledge (id),
    number    bigint not null check (number > 0),
    due_on    text   not null,
    amount    bigint not null check (amount > 0),
    through   bigint not null,                       -- all instalments up to this one
    primary key (pledge_id, number)
);
create index pledge_instalment_due on pledge_instalment (due_on);

-- The gifts that fulfil a pledge: what is left of them counts.
create table pledge_payment (
    gift_id    text primary key references gift (id),
    pledge_id  text not null references pledge (id),
    applied_at text not null
);
create index pledge_payment_pledge on pledge_payment (pledge_id);

-- What donors were reminded of; each is sent, or skipped for a reason, once.
create table pledge_reminder (
    pledge_id text   not null references pledge (id),
    number    bigint not null,                       -- of the instalment
    rule      text   not null check (rule in ('before', 'late')),
    state     text   not null check (state in ('sent', 'skipped')),
    at        text   not null,
    why       text,                                  -- it was skipped
    primary key (pledge_id, number, rule),
    check ((state = 'skipped') = (why is not null))
);
