-- Refunds that staff asked for. The row is there before the payment service hears of it; its id is the
-- key of the question, so that asking again after a crash or a silence refunds nothing twice.
create table refund_request (
    id       text primary key,
    gift_id  text   not null references gift (id),
    amount   bigint not null check (amount > 0),
    asked_at text   not null,
    done_at  text,                                   -- when its end was known
    refund   text,                                   -- re_…
    failure  text,
    check (done_at is not null or (refund is null and failure is null))
);
create unique index refund_request_open on refund_request (gift_id) where done_at is null;
create index refund_request_gift on refund_request (gift_id, asked_at);
