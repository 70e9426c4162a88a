-- The domain of each web site that is known already: what stands between the scheme and the first slash.
update organization set domain = replace(replace(lower(website), 'https://', ''), 'http://', '') where website is not null;
update organization set domain = substr(domain, 1, strpos(domain || '/', '/') - 1) where domain is not null;
update organization set domain = substr(domain, 5) where domain like 'www.%';
update organization set search_more = coalesce(domain, '');
