-- Where money is meant to go.
create table fund (
    id          text primary key,
    slug        text    not null unique,
    name        text    not null check (name <> ''),
    description text    not null,
    restriction text    not null check (restriction in ('none', 'purpose', 'permanent')),
    open        boolean not null,                    -- offered on the donate page
    position    bigint  not null
);
insert into fund (id, slug, name, description, restriction, open, position)
values ('00000000-0000-7000-8000-000000000001', 'general', 'Where it is needed most', 'The work as a whole.', 'none', true, 0);

-- Why money came.
create table campaign (
    id        text primary key,
    slug      text not null unique,
    name      text not null check (name <> ''),
    goal      bigint check (goal > 0),
    currency  text not null,
    starts_on text,
    ends_on   text,
    check (ends_on is null or starts_on is null or ends_on >= starts_on)
);

-- A plan to give again and again, as the gateway has it.
create table recurring_gift (
    id           text primary key,
    donor_id     text    not null references donor (id),
    fund_id      text    not null references fund (id),
    campaign_id  text    references campaign (id),
    subscription text    not null unique,            -- sub_…
    customer     text    not null,                   -- cus_… that pays it
    state        text    not null check (state in ('incomplete', 'active', 'past_due', 'paused', 'cancelled', 'ended')),
    frequency    text    not null check (frequency in ('monthly', 'yearly')),
    intended     bigint  not null check (intended > 0),
    covered_fee  bigint  not null check (covered_fee >= 0),
    charged      bigint  not null,
    currency     text    not null,
    started_at   text    not null,
    next_at      text,
    cancels_at   text,
    ended_at     text,
    livemode     boolean not null,
    check (charged = intended + covered_fee)
);
create index recurring_gift_donor on recurring_gift (donor_id, started_at);
create index recurring_gift_state on recurring_gift (state, started_at, id);

-- One donation, in any state.
create table gift (
    id            text primary key,
    donor_id      text    not null references donor (id),
    fund_id       text    not null references fund (id),
    campaign_id   text    references campaign (id),
    source        text,                              -- which link brought it
    recurring_id  text    references recurring_gift (id),
    state         text    not null check (state in ('open', 'processing', 'settled', 'failed', 'abandoned')),
    frequency     text    not null check (frequency in ('once', 'monthly', 'yearly')),
    intended      bigint  not null check (intended > 0),
    covered_fee   bigint  not null check (covered_fee >= 0),
    charged       bigint  not null,
    refunded      bigint  not null default 0 check (refunded >= 0),
    currency      text    not null,
    disputed      boolean not null default false,
    tribute_kind  text    check (tribute_kind in ('honor', 'memory')),
    tribute_name  text,
    created_at    text    not null,
    settled_at    text,                              -- when the money moved
    given_on      text,                              -- that day where the coalition is
    shown_at      text    not null,                  -- settled_at, or created_at before: the order of lists
    submission    text,                              -- of the form that made it: a second click finds the first gift
    attempt       bigint  not null default 1,        -- generation of the key that asks for a checkout
    checkout      text,                              -- cs_…
    checkout_url  text,
    checkout_until text,                             -- the page waits until then
    payment       text,                              -- pi_…
    charge        text,                              -- ch_…
    invoice       text,                              -- in_…
    processor_fee bigint,
    card          text,
    failure       text,
    thanked_at    text,
    livemode      boolean not null,
    check (charged = intended + covered_fee),
    check (refunded <= charged),
    check ((state = 'settled') = (settled_at is not null)),
    check ((settled_at is null) = (given_on is null)),
    check ((tribute_kind is null) = (tribute_name is null))
);
create unique index gift_submission on gift (submission) where submission is not null;
create unique index gift_checkout on gift (checkout) where checkout is not null;
create unique index gift_payment on gift (payment) where payment is not null;
create unique index gift_charge on gift (charge) where charge is not null;
create unique index gift_invoice on gift (invoice) where invoice is not null;
create index gift_shown on gift (shown_at, id);
create index gift_state on gift (state, shown_at, id);
create index gift_fund on gift (fund_id, shown_at, id);
create index gift_donor on gift (donor_id, shown_at, id);
create index gift_amount on gift (intended, id);
create index gift_campaign on gift (campaign_id, shown_at, id) where campaign_id is not null;
create index gift_recurring on gift (recurring_id, shown_at, id) where recurring_id is not null;
create index gift_to_thank on gift (state, shown_at, id) where state = 'settled' and thanked_at is null;

create table gift_refund (
    id           text primary key,
    gift_id      text   not null references gift (id),
    refund       text   not null unique,             -- re_…
    amount       bigint not null check (amount > 0),
    state        text   not null check (state in ('pending', 'succeeded', 'failed', 'canceled')),
    reason       text,
    at           text   not null
);
create index gift_refund_gift on gift_refund (gift_id);

create table gift_dispute (
    id         text primary key,
    gift_id    text   not null references gift (id),
    dispute    text   not null unique,               -- dp_…
    amount     bigint not null,
    state      text   not null check (state in ('inquiry', 'needs_response', 'under_review', 'won', 'lost', 'closed')),
    withdrawn  bigint not null,
    fee        bigint not null,
    reason     text   not null,
    respond_by text,
    at         text   not null
);
create index gift_dispute_gift on gift_dispute (gift_id);
create index gift_dispute_open on gift_dispute (respond_by) where state in ('inquiry', 'needs_response');

-- What the settled gifts of a month come to, kept in the transaction of each gift.
create table gift_month (
    month    text   not null,                        -- 2026-03, by gift.given_on
    currency text   not null,
    fund_id  text   not null references fund (id),
    gifts    bigint not null check (gifts >= 0),
    given    bigint not null,                        -- intended
    refunded bigint not null,                        -- of those gifts, whenever it was
    primary key (month, currency, fund_id)
);

-- How often a checkout was asked for, by whom, in a stretch of time.
create table gift_limit (
    subject text   not null,                         -- a keyed digest, never the address itself
    period  bigint not null,                         -- number of the stretch since 1970
    until   text   not null,
    count   bigint not null,
    primary key (subject, period)
);
create index gift_limit_until on gift_limit (until);
