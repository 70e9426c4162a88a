-- Who else a gift is owed to, beside its donor: never counted as given.
create table soft_credit (
    id       text primary key,
    gift_id  text   not null references gift (id),
    donor_id text   not null references donor (id),
    kind     text   not null check (kind in ('solicitor', 'adviser', 'household', 'other')),
    amount   bigint not null check (amount > 0),
    note     text   not null,
    by_name  text   not null,
    at       text   not null,
    unique (gift_id, donor_id, kind)
);
create index soft_credit_donor on soft_credit (donor_id);
