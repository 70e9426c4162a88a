-- A donor's time in the own pages. The link that opened it is known by its digest: it works in that browser alone.
create table giving_session (
    digest     text primary key,                     -- sha-256 of the cookie
    link       text not null unique,                 -- sha-256 of the link
    donor_id   text not null references donor (id),
    email      text not null,                        -- where the link was mailed
    opened_at  text not null,
    expires_at text not null,
    closed_at  text
);

-- A donor who asks that what is personal be taken away. Staff do it, or say why not.
create table erasure_request (
    id        text primary key,
    donor_id  text not null references donor (id),
    asked_at  text not null,
    note      text not null,
    state     text not null check (state in ('open', 'done', 'declined')),
    ended_at  text,
    ended_by  text,                                  -- the staff user's name
    reason    text,                                  -- why it was declined
    check ((state = 'open') = (ended_at is null))
);
create unique index erasure_request_open on erasure_request (donor_id) where state = 'open';
