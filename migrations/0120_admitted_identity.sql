-- The legal name and EIN that an application gave, for the organizations that were admitted without them;
-- one that was readmitted has several applications.
update organization
   set legal_name = (select max(a.legal_name) from application a where a.organization_id = organization.id and lower(a.legal_name) <> lower(organization.name))
 where legal_name is null
   and exists (select 1 from application a where a.organization_id = organization.id and lower(a.legal_name) <> lower(organization.name));
update organization
   set ein = (select max(a.ein) from application a where a.organization_id = organization.id)
 where ein is null
   and exists (select 1 from application a where a.organization_id = organization.id and a.ein is not null);
update organization
   set search_more = lower(coalesce(legal_name, '')) || ' ' || coalesce(ein, '') || ' ' || replace(coalesce(ein, ''), '-', '') || ' ' || coalesce(domain, '')
 where search_more = coalesce(domain, '') and (legal_name is not null or ein is not null);
