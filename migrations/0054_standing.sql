-- What changed an organization's standing, and when. Rows are only ever added; standing is derived from them.
create table standing_fact (
    id              text primary key,
    organization_id text not null references organization (id),
    kind            text not null check (kind in ('suspended', 'reinstated', 'resigned', 'readmitted', 'merged', 'dissolved', 'override')),
    on_day          text not null,
    until_day       text,                            -- good standing again from this day
    standing        text check (standing in ('in_good_standing', 'inactive')),
    successor_id    text references organization (id),
    reason          text not null check (reason <> ''),
    noted_at        text not null,
    noted_by        text not null,
    check ((kind = 'merged') = (successor_id is not null)),
    check ((kind = 'override') = (standing is not null)),
    check (kind <> 'override' or until_day is not null),
    check (until_day is null or until_day > on_day),
    check (successor_id is null or successor_id <> organization_id)
);
create index standing_fact_of on standing_fact (organization_id, on_day, id);
create index standing_fact_successor on standing_fact (successor_id);

-- The day it stopped to belong, kept with the facts so that the roll and its counts need not derive it.
alter table membership rename column resigned_on to left_on;
insert into standing_fact (id, organization_id, kind, on_day, reason, noted_at, noted_by)
select organization_id, organization_id, 'resigned', left_on, 'Noted before reasons were kept.', left_on || 'T00:00:00Z', 'Convener'
  from membership where left_on is not null;
create index membership_left on membership (left_on);

-- Admission numbers that nobody ever held.
create table unissued_number (
    number   bigint primary key check (number > 0),
    reason   text not null check (reason <> ''),
    noted_at text not null,
    noted_by text not null
);
