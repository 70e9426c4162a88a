-- What staff do about a dispute: what they gathered, what they wrote, how it was answered.
create table dispute_care (
    dispute_id  text primary key references gift_dispute (id),
    note        text not null,                       -- the answer, as it is being written
    answered    text check (answered in ('sent', 'elsewhere')),
    answered_at text,
    check ((answered is null) = (answered_at is null))
);
create table dispute_evidence (
    dispute_id text not null references gift_dispute (id),
    item       text not null,                        -- a word of the checklist
    by_name    text not null,
    at         text not null,
    primary key (dispute_id, item)
);

-- Why staff gave money back.
alter table refund_request add column reason text;
alter table refund_request add column note text;
