-- An import may hold donors and gifts as well, by the million: how far it is applied, and what each row will be.
create table import_run_anew (
    id             text primary key,
    kind           text   not null check (kind in ('organizations', 'contacts', 'alliances', 'donors', 'gifts')),
    state          text   not null check (state in ('columns', 'checking', 'checked', 'applying', 'applied', 'undoing', 'undone', 'discarded')),
    file           text   not null,                 -- its random name in the folder of files; empty when it was taken away
    file_name      text   not null,                 -- as its sender called it
    charset        text   not null check (charset in ('utf-8', 'windows-1252')),
    headings       text   not null,                 -- JSON: the first row
    columns        text   not null,                 -- JSON: what each column holds, in order; empty for left out
    category_id    text,                            -- of rows that name none; it may be removed since
    matching       text   check (matching in ('leave', 'fill', 'replace')),
    begun_at       text   not null,
    begun_by       text   not null,
    begun_by_id    text   not null,
    checked_at     text,
    applied_at     text,
    applied_by     text,
    applied_by_id  text,
    undone_at      text,
    undone_by      text,
    number_before  bigint,                          -- the last admission number before it was applied
    number_after   bigint,                          -- and the one the sequence stood at with it
    reached        bigint not null default 0,       -- the last row of the file that was worked on, where rows go by the stretch
    others_applied bigint not null default 0,       -- how many files of its kind were applied when its dry run began
    check (state not in ('applying', 'applied', 'undoing', 'undone') or matching is not null)
);
insert into import_run_anew (id, kind, state, file, file_name, charset, headings, columns, category_id, matching, begun_at, begun_by,
                             begun_by_id, checked_at, applied_at, applied_by, applied_by_id, undone_at, undone_by, number_before, number_after)
select id, kind, state, file, file_name, charset, headings, columns, category_id, matching, begun_at, begun_by,
       begun_by_id, checked_at, applied_at, applied_by, applied_by_id, undone_at, undone_by, number_before, number_after
from import_run;

create table import_row_anew (
    import_id   text   not null references import_run_anew (id),
    row_number  bigint not null,                    -- as a spreadsheet counts: the headings are row 1
    cells       text   not null,                    -- JSON: what is mapped, as it was typed
    fate        text   not null check (fate in ('new', 'matches', 'refused')),
    name        text   not null,                    -- what the row is about, for lists
    reason      text   not null,                    -- why it is refused, or by what it matches
    record_id   text,
    record_name text,
    changes     text   not null,                    -- JSON: what would change
    notes       text   not null,                    -- JSON: what staff should know
    outcome     text   check (outcome in ('made', 'changed', 'left', 'refused', 'undone', 'kept')),
    outcome_why text,
    before      text,                               -- JSON: the record as it was
    after       text,                               -- a fingerprint of the record as the import left it
    planned_id  text,                               -- of the donor or gift that is entered
    primary key (import_id, row_number)
);
insert into import_row_anew (import_id, row_number, cells, fate, name, reason, record_id, record_name, changes, notes, outcome,
                             outcome_why, before, after)
select import_id, row_number, cells, fate, name, reason, record_id, record_name, changes, notes, outcome, outcome_why, before, after
from import_row;

drop table import_row;
drop table import_run;
alter table import_run_anew rename to import_run;
alter table import_row_anew rename to import_row;
create index import_row_fate on import_row (import_id, fate, row_number);
create index import_row_record on import_row (record_id);
create index import_row_outcome on import_row (import_id, outcome, row_number);
