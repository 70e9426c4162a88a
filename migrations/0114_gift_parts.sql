-- The parts of a gift that goes to several funds. A gift without rows here goes to its fund as a whole.
create table gift_part (
    gift_id  text   not null references gift (id),
    position bigint not null check (position > 0),   -- the fund of the first is gift.fund_id
    fund_id  text   not null references fund (id),
    amount   bigint not null check (amount > 0),     -- of what was intended; all of them come to it
    covered  bigint not null check (covered >= 0),   -- of the fee that the donor covered
    refunded bigint not null default 0 check (refunded >= 0 and refunded <= amount),
    primary key (gift_id, position),
    unique (gift_id, fund_id)
);
create index gift_part_fund on gift_part (fund_id, gift_id);
-- Says that rows stand there, so that nobody looks for those of the many gifts that have none.
alter table gift add column split boolean not null default false;
