-- Who gives.
create table donor (
    id               text primary key,
    kind             text    not null check (kind in ('person', 'organization', 'household')),
    name             text    not null check (name <> ''),
    email            text,                           -- lower case; a donor without one came by another way
    address          text,                           -- several lines
    gateway_customer text,                           -- cus_…
    consent_updates  boolean not null,
    consent_at       text,                           -- when the consent was given or taken back
    created_at       text    not null,
    search           text    not null                -- name and e-mail, folded
);
create unique index donor_email on donor (email) where email is not null;
create unique index donor_gateway_customer on donor (gateway_customer) where gateway_customer is not null;
create index donor_newest on donor (created_at, id);
create index donor_name on donor (search, id);

-- What a donor's settled gifts come to, kept in the transaction of each gift.
create table donor_total (
    donor_id text   not null references donor (id),
    currency text   not null,
    gifts    bigint not null check (gifts >= 0),
    given    bigint not null,                        -- intended, less refunds
    first_at text   not null,
    last_at  text   not null,
    primary key (donor_id, currency)
);
create index donor_total_given on donor_total (currency, given, donor_id);
create index donor_total_last on donor_total (currency, last_at, donor_id);
