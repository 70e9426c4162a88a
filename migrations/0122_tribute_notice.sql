-- Whom a tribute is told to: the family of somebody, say. The letter never names the amount.
create table tribute_notice (
    id      text primary key,
    gift_id text not null references gift (id),
    to_name text not null check (to_name <> ''),
    email   text,
    address text,
    words   text not null,                           -- what the donor wants said; may be empty
    by_name text not null,
    at      text not null,
    way     text check (way in ('email', 'print')),
    sent_at text,
    subject text,                                    -- as it was sent
    body    text,
    check ((way is null) = (sent_at is null)),
    check ((sent_at is null) = (body is null))
);
create index tribute_notice_gift on tribute_notice (gift_id);
create index tribute_notice_open on tribute_notice (at) where sent_at is null;
