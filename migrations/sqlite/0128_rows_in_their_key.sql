-- Small rows with a key of several columns lie in the order of that key, instead of once in a table and once more in the
-- index of its key: <https://sqlite.org/withoutrowid.html>.
create table posting_anew (
    entry_id text   not null references ledger_entry (id),
    line     bigint not null,
    account  text   not null,
    fund_id  text,
    amount   bigint not null check (amount <> 0),    -- debit positive, credit negative
    primary key (entry_id, line)
) without rowid;
insert into posting_anew (entry_id, line, account, fund_id, amount)
select entry_id, line, account, fund_id, amount from posting order by entry_id, line;
drop table posting;
alter table posting_anew rename to posting;

create table carried_gift_anew (
    name    text primary key not null,
    gift_id text not null references gift (id)
) without rowid;
insert into carried_gift_anew (name, gift_id) select name, gift_id from carried_gift order by name;
drop table carried_gift;
alter table carried_gift_anew rename to carried_gift;
create index carried_gift_of on carried_gift (gift_id);

create table donor_year_anew (
    donor_id text   not null references donor (id),
    currency text   not null,
    year     bigint not null,                        -- a fiscal year by the calendar year it ends in
    gifts    bigint not null check (gifts >= 0),
    given    bigint not null,                        -- intended, less refunds
    primary key (donor_id, currency, year)
) without rowid;
insert into donor_year_anew (donor_id, currency, year, gifts, given)
select donor_id, currency, year, gifts, given from donor_year order by donor_id, currency, year;
drop table donor_year;
alter table donor_year_anew rename to donor_year;
create index donor_year_of on donor_year (year, donor_id);

create table donor_match_anew (
    donor_id text not null references donor (id),
    kind     text not null check (kind in ('email', 'zip', 'home')),
    key      text not null,
    primary key (donor_id, kind, key)
) without rowid;
insert into donor_match_anew (donor_id, kind, key) select donor_id, kind, key from donor_match order by donor_id, kind, key;
drop table donor_match;
alter table donor_match_anew rename to donor_match;
create index donor_match_key on donor_match (kind, key, donor_id);
