-- The books: every movement of money as a balanced entry. Rows are only ever added.
create table ledger_entry (
    id          text primary key,
    at          text not null,                       -- when the money moved
    day         text not null,                       -- that day where the coalition is
    key         text not null unique,                -- what the entry is for, such as settle:<gift>; once only
    description text not null,
    record_kind text not null,                       -- gift, refund, dispute, payout
    record_id   text not null,
    currency    text not null
);
create index ledger_entry_day on ledger_entry (day, id);
create index ledger_entry_record on ledger_entry (record_kind, record_id);

create table posting (
    entry_id text   not null references ledger_entry (id),
    line     bigint not null,
    account  text   not null,
    fund_id  text,
    amount   bigint not null check (amount <> 0),    -- debit positive, credit negative
    primary key (entry_id, line)
);
create index posting_account on posting (account, entry_id);
