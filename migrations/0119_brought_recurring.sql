-- A recurring gift that another program had begun on the account of the payment service, and we brought in: bills
-- paid before are no gifts of ours to make.
create table recurring_brought (
    recurring_id text primary key references recurring_gift (id),
    at           text not null                       -- when it was brought in
);
create index recurring_gift_customer on recurring_gift (customer);
