-- The largest gift beside a donor's other totals, and what was given each year: calendar or fiscal, as the coalition
-- counts. A gift that went back whole was not given, so it is in no total any more.
alter table donor_total add column largest bigint not null default 0;
delete from donor_total;
insert into donor_total (donor_id, currency, gifts, given, largest, first_at, last_at)
select donor_id, currency, count(*), sum(intended - refunded), max(intended - refunded), min(settled_at), max(settled_at)
from gift where state = 'settled' and refunded < intended group by donor_id, currency;

create table donor_year (
    donor_id text   not null references donor (id),
    currency text   not null,
    year     bigint not null,                        -- a fiscal year by the calendar year it ends in
    gifts    bigint not null check (gifts >= 0),
    given    bigint not null,                        -- intended, less refunds
    primary key (donor_id, currency, year)
);
create index donor_year_of on donor_year (year, donor_id);

-- The month the fiscal year begins with, as the settings have it; none when it is the calendar's.
create table fiscal_month (month text primary key, words text not null);
insert into fiscal_month (month, words) values
    ('02', '%"fiscal_year_month":2,%'), ('03', '%"fiscal_year_month":3,%'), ('04', '%"fiscal_year_month":4,%'),
    ('05', '%"fiscal_year_month":5,%'), ('06', '%"fiscal_year_month":6,%'), ('07', '%"fiscal_year_month":7,%'),
    ('08', '%"fiscal_year_month":8,%'), ('09', '%"fiscal_year_month":9,%'), ('10', '%"fiscal_year_month":10,%'),
    ('11', '%"fiscal_year_month":11,%'), ('12', '%"fiscal_year_month":12,%');
delete from fiscal_month
 where not exists (select 1 from setting s where s.key = 'coalition' and s.value like fiscal_month.words);
insert into donor_year (donor_id, currency, year, gifts, given)
select donor_id, currency, year, count(*), sum(net)
from (select donor_id, currency, intended - refunded as net,
             cast(substr(given_on, 1, 4) as bigint)
             + case when substr(given_on, 6, 2) >= coalesce((select max(month) from fiscal_month), '13') then 1 else 0 end as year
      from gift where state = 'settled' and refunded < intended) given
group by donor_id, currency, year;
drop table fiscal_month;
