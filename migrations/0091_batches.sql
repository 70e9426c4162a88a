-- Checks and cash that go to the bank together.
create table gift_batch (
    id            text primary key,
    number        bigint not null unique,            -- counted from 1
    day           text   not null,                   -- of the deposit
    currency      text   not null,
    control_count bigint not null check (control_count > 0),
    control_total bigint not null check (control_total > 0),
    state         text   not null check (state in ('open', 'closed')),
    opened_at     text   not null,
    opened_by     text   not null,
    closed_at     text,
    closed_by     text,
    closings      bigint not null default 0,         -- how often it was closed: the number of its next entry
    check ((state = 'closed') = (closed_at is not null and closed_by is not null))
);
create index gift_batch_day on gift_batch (day, number);

alter table offline_gift add column batch_id text references gift_batch (id);
create index offline_gift_batch on offline_gift (batch_id, entered_at, gift_id) where batch_id is not null;
