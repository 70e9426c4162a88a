-- The people of the secretariat.
create table staff_user (
    id            text primary key,
    email         text not null unique,              -- lower case
    name          text not null,
    role          text not null check (role in ('administrator', 'membership', 'development', 'communications', 'read_only')),
    password_hash text,                              -- argon2id, PHC string; none until it is chosen
    created_at    text not null,
    closed_at     text
);

create table staff_session (
    digest      text primary key,                    -- sha-256 of the cookie, never the cookie
    staff_id    text not null references staff_user (id),
    opened_at   text not null,
    seen_at     text not null,
    expires_at  text not null,
    closed_at   text,
    opened_from text not null                        -- address and browser, for the list of sessions
);
create index staff_session_of on staff_session (staff_id, opened_at);
