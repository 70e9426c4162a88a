-- More roles. The column is made anew because a check can't be changed on both databases.
drop index contact_organization;
alter table contact add column role_next text not null default 'delegate'
    check (role_next in ('delegate', 'alternate', 'signatory', 'press', 'billing'));
update contact set role_next = role;
alter table contact drop column role;
alter table contact rename column role_next to role;
create index contact_organization on contact (organization_id, role);

-- One delegate at a time. Where there were two, the one written down last stays.
update contact set to_day = from_day
 where role = 'delegate' and to_day is null
   and exists (select 1 from contact later
                where later.organization_id = contact.organization_id and later.role = 'delegate'
                  and later.to_day is null and later.id > contact.id);
create unique index contact_delegate on contact (organization_id) where role = 'delegate' and to_day is null;
