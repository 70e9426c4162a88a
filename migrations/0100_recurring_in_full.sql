-- What a recurring gift is paid with, and until when nothing is collected.
alter table recurring_gift add column card text;        -- Visa ending in 4242
alter table recurring_gift add column card_until text;  -- the last day it can be charged on
alter table recurring_gift add column resumes_at text;
create index recurring_gift_next on recurring_gift (next_at) where state in ('active', 'past_due', 'paused');

-- What somebody wants to be done with a recurring gift. The row is there before the payment service hears of it;
-- its id is the key of the question.
create table recurring_request (
    id           text primary key,
    recurring_id text not null references recurring_gift (id),
    kind         text not null check (kind in ('amount', 'pause', 'resume', 'stop', 'keep')),
    intended     bigint,                             -- the new amount
    covered_fee  bigint,
    until        text,                               -- of a pause
    actor_kind   text not null,
    actor_id     text not null,
    actor_name   text not null,
    asked_at     text not null,
    ended_at     text,                               -- null: the end of it is not known
    failure      text,                               -- why it was not done
    told_at      text                                -- when the change it asked for was seen
);
create unique index recurring_request_open on recurring_request (recurring_id) where ended_at is null;
create index recurring_request_of on recurring_request (recurring_id, kind, asked_at);

-- What has changed in a recurring gift, as it was seen. Rows are only ever added.
create table recurring_change (
    id           text primary key,                   -- UUIDv7: order of ids is order of time
    recurring_id text not null references recurring_gift (id),
    at           text not null,
    what         text not null check (what in ('began', 'upgraded', 'downgraded', 'divided', 'paused', 'resumed', 'card', 'stopped', 'kept', 'past_due', 'recovered', 'ended')),
    actor_kind   text not null,                      -- donor, staff, gateway
    actor_name   text not null,
    before       text,                               -- as a person reads it: $10.00, a card
    after        text
);
create index recurring_change_of on recurring_change (recurring_id, id);

-- A bill that was not paid, as long as it is asked for and after.
create table recurring_failure (
    gift_id      text primary key references gift (id),
    recurring_id text not null references recurring_gift (id),
    reason       text not null,                      -- in the bank's words
    attempts     bigint not null,
    failed_at    text not null,                      -- when it was first seen
    retry_at     text,
    page         text,                               -- where the donor can pay it by hand
    mended_at    text                                -- when it was paid after all
);
create index recurring_failure_of on recurring_failure (recurring_id, failed_at);

-- Letters that go out once for a recurring gift and a term, or why one did not.
create table recurring_notice (
    recurring_id text not null references recurring_gift (id),
    rule         text not null,                      -- card
    term         text not null,                      -- the day the card runs out
    at           text not null,
    skipped      text,
    primary key (recurring_id, rule, term)
);
