-- How many different donors gave in a month, kept in the transaction of each gift.
create table gift_month_givers (
    month  text primary key,                         -- 2026-03, by gift.given_on
    givers bigint not null check (givers > 0)
);
insert into gift_month_givers (month, givers)
select substr(given_on, 1, 7), count(distinct donor_id) from gift where state = 'settled' group by substr(given_on, 1, 7);
drop index gift_givers;
