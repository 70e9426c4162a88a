-- Nearly every row of a file of gifts comes to what its fate says. Such rows are not written a second time when they are
-- applied: the import says up to which row it was applied, and only what is out of the ordinary stands beside a row.
alter table import_run add column applied_to bigint not null default 0;

-- Rows with what came of each, written down or not; the record of a new one is what it entered.
create view import_row_applied as
select r.import_id, r.row_number, r.cells, r.fate, r.name, r.reason,
       case when r.row_number <= u.applied_to and r.fate = 'new' and coalesce(r.outcome, 'made') <> 'refused'
            then r.planned_id else r.record_id end as record_id,
       r.record_name, r.changes, r.notes,
       coalesce(r.outcome, case when r.row_number > u.applied_to then null
                                when r.fate = 'new' then 'made' when r.fate = 'matches' then 'left' end) as outcome,
       r.outcome as written, r.outcome_why, r.before, r.after, r.planned_id
from import_row r join import_run u on u.id = r.import_id;
