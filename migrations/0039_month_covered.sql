-- The fees that donors covered, beside what they gave: the list of gifts sums both over everything.
alter table gift_month add column covered bigint not null default 0;
create table gift_month_covered (month text, currency text, fund_id text, covered bigint, primary key (month, currency, fund_id));
insert into gift_month_covered (month, currency, fund_id, covered)
select substr(given_on, 1, 7), currency, fund_id, sum(covered_fee) from gift where state = 'settled'
 group by substr(given_on, 1, 7), currency, fund_id;
update gift_month set covered = coalesce((
    select c.covered from gift_month_covered c
     where c.month = gift_month.month and c.currency = gift_month.currency and c.fund_id = gift_month.fund_id), 0);
drop table gift_month_covered;
drop index gift_covered;
