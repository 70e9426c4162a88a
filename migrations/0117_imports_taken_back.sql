-- An import of donors or gifts is taken back by the stretch, like it was applied. How many rows stand how is kept beside the
-- import, so that nothing counts a million rows to show it.
alter table import_run add column fresh bigint not null default 0;        -- by the dry run
alter table import_run add column matches bigint not null default 0;
alter table import_run add column refused bigint not null default 0;
alter table import_run add column differ bigint not null default 0;       -- of those that match
alter table import_run add column made bigint not null default 0;         -- by what became of them
alter table import_run add column changed bigint not null default 0;
alter table import_run add column stayed bigint not null default 0;
alter table import_run add column not_applied bigint not null default 0;
alter table import_run add column undone bigint not null default 0;
alter table import_run add column kept bigint not null default 0;
alter table import_run add column donors_made bigint not null default 0;  -- of the rows of import_founded
alter table import_run add column donors_gone bigint not null default 0;
alter table import_run add column donors_kept bigint not null default 0;
alter table import_run add column undone_by_id text;
alter table import_run add column look text;                              -- JSON: what taking it back would do
alter table import_run add column looked_at text;
update import_run set
    fresh = (select count(*) from import_row r where r.import_id = import_run.id and r.fate = 'new'),
    matches = (select count(*) from import_row r where r.import_id = import_run.id and r.fate = 'matches'),
    refused = (select count(*) from import_row r where r.import_id = import_run.id and r.fate = 'refused'),
    differ = (select count(*) from import_row r where r.import_id = import_run.id and r.fate = 'matches' and r.changes <> '[]'),
    made = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'made'),
    changed = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'changed'),
    stayed = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'left'),
    not_applied = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'refused'),
    undone = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'undone'),
    kept = (select count(*) from import_row r where r.import_id = import_run.id and r.outcome = 'kept');

-- The donors that an import entered, those of its gifts too, and what became of them when it was taken back.
create table import_founded (
    import_id text not null references import_run (id),
    donor_id  text not null,
    print     text,                                  -- a fingerprint of the donor as the import left it, where it is known
    outcome   text check (outcome in ('undone', 'kept')),
    why       text,                                  -- it was kept
    primary key (import_id, donor_id),
    check ((outcome is not null and outcome = 'kept') = (why is not null))
);
create index import_founded_outcome on import_founded (import_id, outcome, donor_id);
insert into import_founded (import_id, donor_id)
select distinct r.import_id, r.record_id from import_row r join import_run u on u.id = r.import_id
where u.kind = 'donors' and r.outcome = 'made' and r.record_id is not null;
insert into import_founded (import_id, donor_id)
select distinct r.import_id, g.donor_id
from import_row r join import_run u on u.id = r.import_id join gift g on g.id = r.record_id join donor d on d.id = g.donor_id
where u.kind = 'gifts' and r.outcome = 'made' and d.created_at = g.created_at;
update import_run set donors_made = (select count(*) from import_founded f where f.import_id = import_run.id);

-- Whether anything names a donor who is to go is asked a thousand times over.
create index donor_distinct_other on donor_distinct (other_id);
create index giving_session_donor on giving_session (donor_id);
create index erasure_request_donor on erasure_request (donor_id);
create index thanks_letter_gift on thanks_letter (gift_id);
