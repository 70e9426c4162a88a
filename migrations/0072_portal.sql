-- A delegate's time in the portal. The link that opened it is known by its digest: it works in that browser alone.
create table portal_session (
    digest     text primary key,                     -- sha-256 of the cookie
    link       text not null unique,                 -- sha-256 of the link
    contact_id text not null references contact (id),
    email      text not null,                        -- where the link was mailed
    opened_at  text not null,
    expires_at text not null,
    closed_at  text
);

-- How often links were asked for within the hour, by address and by network.
create table portal_count (
    subject text   not null,
    hour    bigint not null,
    count   bigint not null,
    primary key (subject, hour)
);
