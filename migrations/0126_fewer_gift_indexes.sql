-- Each gift that is written goes into every index. Those that hold nearly all gifts in the order of another are not
-- worth that: lists of received gifts, or of gifts given once, go by gift_shown.
drop index gift_state;
drop index gift_frequency;
create index gift_not_received on gift (state, shown_at, id) where state <> 'settled';
create index gift_repeated on gift (frequency, shown_at, id) where frequency <> 'once';

-- The same of imported rows: nearly all enter something.
drop index import_row_outcome;
create index import_row_outcome on import_row (import_id, outcome, row_number) where outcome <> 'made';
