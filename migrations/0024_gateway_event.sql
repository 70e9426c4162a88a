-- What the payment gateway told us, as it came. Kept raw: it can be looked at and worked off again.
create table gateway_event (
    id          text primary key,                    -- evt_…
    kind        text   not null,                     -- charge.succeeded
    object      text   not null,                     -- id of what it is about; empty when it has none
    related     text   not null,                     -- JSON: [[name, id], …] that lead further
    body        text   not null,
    source      text   not null check (source in ('webhook', 'sync')),
    created_at  text   not null,                     -- at the gateway
    received_at text   not null,
    state       text   not null check (state in ('waiting', 'done', 'ignored', 'failed')),
    attempts    bigint not null,
    settled_at  text,                                -- when it was worked off, or given up
    result      text                                 -- a sentence: what it changed, or why it failed
);
create index gateway_event_received on gateway_event (received_at, id);
create index gateway_event_state on gateway_event (state, received_at, id);
create index gateway_event_object on gateway_event (object, received_at, id);

-- One comparison of our books with the gateway, as far as it has come.
create table sync_run (
    id        text primary key,                      -- UUIDv7: order of ids is order of time
    asked_by  text   not null,
    begun_at  text   not null,
    ended_at  text,
    state     text   not null check (state in ('running', 'done', 'failed')),
    step      text   not null,                       -- which part it is at
    last      text   not null,                       -- the object of that part it did last; empty at its beginning
    compared  bigint not null,
    repaired  bigint not null,
    skipped   bigint not null,
    error     text,
    check ((state = 'running') = (ended_at is null))
);
create index sync_run_state on sync_run (state, id);

-- What a run repaired, or had to leave.
create table sync_finding (
    run_id   text   not null references sync_run (id),
    number   bigint not null,
    outcome  text   not null check (outcome in ('repaired', 'skipped')),
    object   text   not null,
    sentence text   not null,
    primary key (run_id, number)
);
