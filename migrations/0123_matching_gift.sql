-- Employers that add to what their people give, by which rule, and each gift they were or will be asked for.
create table employer (
    id       text primary key,
    name     text   not null unique check (name <> ''),
    percent  bigint not null check (percent > 0),    -- of the gift: 100 is one to one
    least    bigint not null check (least >= 0),     -- the smallest gift that is matched
    most     bigint check (most > 0),                -- what is added at most to one gift
    currency text   not null,
    how      text   not null                         -- where and how to ask
);
create table matching_gift (
    id           text primary key,
    gift_id      text   not null unique references gift (id),
    employer_id  text   not null references employer (id),
    expected     bigint not null check (expected > 0),
    state        text   not null check (state in ('potential', 'submitted', 'received')),
    submitted_on text,
    received_id  text   unique references gift (id), -- the employer's own gift
    at           text   not null,
    check ((state = 'received') = (received_id is not null)),
    check (state <> 'submitted' or submitted_on is not null)
);
create index matching_gift_state on matching_gift (state, at, id);
