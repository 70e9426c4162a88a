-- What the one flat row said, as rows of its own. An id serves again in another table; where one alliance
-- has several rows, the id's first character tells them apart.
insert into alliance_territory (id, alliance_id, grain, name, state_code)
    select id, id, 'region', territory, null from alliance where territory <> '';
insert into alliance_host (id, alliance_id, organization_id, from_day, to_day)
    select id, id, host_id, coalesce(launched_on, substr(created_at, 1, 10)), null from alliance where host_id is not null;
insert into alliance_leader (id, alliance_id, part, name, title, email, founder, from_day, to_day, staff_id)
    select id, id, 'leader', leader, leader_title, null, true, coalesce(launched_on, substr(created_at, 1, 10)), null, null
    from alliance where leader <> '';
insert into alliance_step (id, alliance_id, kind, on_day, note, recorded_by, recorded_at)
    select s.mark || substr(a.id, 2), a.id, s.kind, coalesce(a.launched_on, substr(a.created_at, 1, 10)),
           'Carried over from the earlier record', 'Convener', a.created_at
    from alliance a join (
        select 'a' as mark, 'leader_found' as kind, 1 as least
        union all select 'b', 'host_confirmed', 2
        union all select 'c', 'visit', 3
        union all select 'd', 'first_meeting', 4
        union all select 'e', 'launch', 5
    ) s on s.least <= case a.state when 'hosted' then 2 when 'visited' then 3 when 'organizing' then 4
        when 'launched' then 5 when 'dormant' then 5
        when 'closed' then case when a.launched_on is null then 0 else 5 end
        else case when a.leader = '' then 0 else 1 end end;
insert into alliance_step (id, alliance_id, kind, on_day, note, recorded_by, recorded_at)
    select 'f' || substr(id, 2), id, state, coalesce(launched_on, substr(created_at, 1, 10)),
           'Carried over from the earlier record', 'Convener', created_at
    from alliance where state in ('dormant', 'closed');

alter table alliance drop column leader;
alter table alliance drop column leader_title;
alter table alliance drop column territory;
alter table alliance drop column host_id;
alter table alliance drop column launched_on;
alter table alliance add column fund_slug text;      -- the fund that gifts for it go to, by its slug
