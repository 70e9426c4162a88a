-- The leader of an alliance signs in like staff and is none of them: a role of its own. A column's check
-- can't be changed, so another column with the wider check takes its place.
alter table staff_user add column role_next text not null default 'read_only'
    check (role_next in ('administrator', 'membership', 'development', 'communications', 'read_only', 'alliance_leader'));
update staff_user set role_next = role;
alter table staff_user drop column role;
alter table staff_user rename column role_next to role;
