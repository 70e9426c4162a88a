-- What the lists of gifts and donors are narrowed by and summed from.
create index donor_total_sum on donor_total (currency, gifts, given);
create index gift_frequency on gift (frequency, shown_at, id);
create index gift_covered on gift (fund_id, currency, covered_fee) where state = 'settled' and covered_fee > 0;
create index gift_unsettled on gift (fund_id, currency) where state <> 'settled';
create index gift_refunded on gift (shown_at, id) where refunded > 0;
create index gift_disputed on gift (shown_at, id) where disputed;
create index message_addressee on message (addressee, id);
create index gift_thanks_due on gift (shown_at, id) where thanked_at is null and settled_at is not null;
