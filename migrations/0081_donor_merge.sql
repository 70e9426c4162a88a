-- A donor that was found to be another one keeps its row, its address and its customer, and leads to the survivor.
alter table donor add column merged_into text references donor (id);
create index donor_merged on donor (merged_into) where merged_into is not null;

-- By what two donors are suspected to be one: the address without what does not count, the name with the place.
alter table donor add column matched boolean not null default false;
create index donor_unmatched on donor (id) where not matched;
create table donor_match (
    donor_id text not null references donor (id),
    kind     text not null check (kind in ('email', 'zip', 'home')),
    key      text not null,
    primary key (donor_id, kind, key)
);
create index donor_match_key on donor_match (kind, key, donor_id);

-- Two donors that somebody looked at and found to be two.
create table donor_distinct (
    one_id   text not null references donor (id),
    other_id text not null references donor (id),
    said_at  text not null,
    said_by  text not null,
    primary key (one_id, other_id),
    check (one_id < other_id)
);

create table donor_merge (
    id              text primary key,
    survivor_id     text not null references donor (id),
    merged_id       text not null references donor (id),
    survivor_before text not null,                   -- JSON, like the two after it
    survivor_after  text not null,
    merged_before   text not null,
    merged_at       text not null,
    merged_by       text not null,
    undone_at       text,
    undone_by       text,
    check ((undone_at is null) = (undone_by is null))
);
create index donor_merge_survivor on donor_merge (survivor_id, merged_at);
create index donor_merge_merged on donor_merge (merged_id, merged_at);

-- Which rows changed hands, so that they can go back.
create table donor_moved (
    merge_id text not null references donor_merge (id),
    held     text not null,                          -- the table and its column
    row_key  text not null,
    primary key (merge_id, held, row_key)
);
