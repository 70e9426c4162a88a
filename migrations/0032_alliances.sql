-- Local groups of the coalition.
create table alliance (
    id              text primary key,
    slug            text not null unique,
    name            text not null check (name <> ''),
    territory       text not null,
    summary         text not null,
    leader          text not null,
    leader_title    text not null,
    host_id         text references organization (id),
    state           text not null check (state in ('prospective', 'hosted', 'visited', 'organizing', 'launched', 'dormant', 'closed')),
    launched_on     text,
    created_at      text not null
);
create index alliance_name on alliance (name);
