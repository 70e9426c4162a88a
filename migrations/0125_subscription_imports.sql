-- What runs on the account of the payment service, read to be brought in as recurring gifts, and how far that has come.
create table subscription_import (
    id            text primary key,
    state         text   not null check (state in ('reading', 'read', 'applying', 'applied', 'undone', 'discarded')),
    after         text,                              -- the last subscription of the page that was read last
    begun_at      text   not null,
    begun_by      text   not null,
    begun_by_id   text   not null,
    read_at       text,
    applied_at    text,
    applied_by    text,
    applied_by_id text,
    undone_at     text,
    undone_by     text
);

-- What the subscriptions are for, by the names of products, and where their gifts go.
create table subscription_import_product (
    import_id   text   not null references subscription_import (id),
    number      bigint not null,
    name        text   not null,
    fund_id     text,                                -- null until it is applied
    campaign_id text,
    left_out    boolean not null,
    primary key (import_id, number)
);
create unique index subscription_import_product_name on subscription_import_product (import_id, name);

-- A subscription, its fate, and what was made of it.
create table subscription_import_row (
    import_id    text   not null references subscription_import (id),
    number       bigint not null,                    -- in the order they were read
    subscription text   not null,                    -- sub_…
    customer     text   not null,                    -- cus_…
    giver        text   not null,                    -- what a new donor is known by in this import: the address, or the customer
    product      text   not null,                    -- the name of what it is for
    fate         text   not null check (fate in ('new', 'matches', 'refused')),
    name         text   not null,                    -- who gives
    what         text   not null,                    -- how much, how often, when next
    reason       text   not null,                    -- why it is refused, or by what its donor is known
    notes        text   not null,                    -- JSON: what staff should know
    donor_id     text,                               -- the donor on record, or the one that was made
    recurring_id text,                               -- the recurring gift on record, or the one that was made
    outcome      text   check (outcome in ('made', 'left', 'refused', 'undone', 'kept')),
    outcome_why  text,
    made_donor   boolean not null,                   -- the donor came with this row
    linked       boolean not null,                   -- the donor was given this customer
    print        text,                               -- a fingerprint of the donor that came with it
    primary key (import_id, number)
);
create unique index subscription_import_row_one on subscription_import_row (import_id, subscription);
create index subscription_import_row_giver on subscription_import_row (import_id, giver);
create index subscription_import_row_donor on subscription_import_row (donor_id);
