-- What a card's bank says before it disputes: an early fraud warning, as the gateway has it.
create table fraud_warning (
    id         text primary key,
    gift_id    text    not null references gift (id),
    warning    text    not null unique,              -- issfr_…
    kind       text    not null,
    actionable boolean not null,                     -- a refund still prevents a dispute
    at         text    not null
);
create index fraud_warning_gift on fraud_warning (gift_id);
create index fraud_warning_actionable on fraud_warning (at) where actionable;
