-- How a gift came: by card through the payment service, or by hand in one of these ways.
alter table gift add column method text not null default 'card'
    check (method in ('card', 'check', 'cash', 'wire', 'stock', 'in_kind', 'donor_advised', 'ira', 'grant'));
create index gift_by_hand on gift (method, shown_at, id) where method <> 'card';

-- What is known of a gift that did not come through the payment service.
create table offline_gift (
    gift_id      text primary key references gift (id),
    received_on  text not null,
    reference    text,                               -- the number of the check, what the bank's statement says
    description  text,                               -- of what was given in kind, of the shares
    adviser      text,                               -- who advised the donor-advised fund
    deposit      text not null check (deposit in ('undeposited', 'deposited', 'none')),
    deposited_on text,
    entered_at   text not null,
    entered_by   text not null,
    changes      bigint not null default 0,          -- corrections so far: the number of the next one's entries
    check ((deposit = 'deposited') = (deposited_on is not null))
);
create index offline_gift_undeposited on offline_gift (received_on, gift_id) where deposit = 'undeposited';

-- When the original of a receipt was printed to be handed or sent; whatever is printed later is a duplicate.
alter table receipt add column printed_at text;
