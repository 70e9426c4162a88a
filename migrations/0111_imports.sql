-- A file that staff brought, and how far it has come.
create table import_run (
    id             text primary key,
    kind           text   not null check (kind in ('organizations', 'contacts', 'alliances')),
    state          text   not null check (state in ('columns', 'checking', 'checked', 'applying', 'applied', 'undone', 'discarded')),
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
    check (state not in ('applying', 'applied', 'undone') or matching is not null)
);

-- A row of the file, its fate, and what was made of it.
create table import_row (
    import_id   text   not null references import_run (id),
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
    primary key (import_id, row_number)
);
create index import_row_fate on import_row (import_id, fate, row_number);
create index import_row_record on import_row (record_id);

-- What the columns of a file with these headings held the last time.
create table import_heading (
    kind     text not null,
    headings text not null,                         -- a fingerprint of the first row
    columns  text not null,                         -- JSON
    used_at  text not null,
    primary key (kind, headings)
);
