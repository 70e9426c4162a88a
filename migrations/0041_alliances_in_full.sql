-- Where an alliance works; one may cover several places.
create table alliance_territory (
    id          text primary key,
    alliance_id text not null references alliance (id),
    grain       text not null check (grain in ('country', 'region', 'state', 'county', 'city')),
    name        text not null check (name <> ''),
    state_code  text,                                -- two letters; a country, and a region of several states, have none
    check (grain in ('country', 'region') or state_code is not null)
);
create index alliance_territory_of on alliance_territory (alliance_id);

-- Which member stands behind the leader, and when. One at a time.
create table alliance_host (
    id              text primary key,
    alliance_id     text not null references alliance (id),
    organization_id text not null references organization (id),
    from_day        text not null,
    to_day          text,                            -- the day it ended; that day is no part of it
    check (to_day is null or to_day >= from_day)
);
create unique index alliance_host_now on alliance_host (alliance_id) where to_day is null;

-- Terms of leaders and deputies. An ended one stays.
create table alliance_leader (
    id          text primary key,
    alliance_id text    not null references alliance (id),
    part        text    not null check (part in ('leader', 'deputy')),
    name        text    not null check (name <> ''),
    title       text    not null,
    email       text,
    founder     boolean not null,
    from_day    text    not null,
    to_day      text,                                -- the day it ends; that day is no part of it
    staff_id    text references staff_user (id),     -- the account that the term opens the workspace for
    check (to_day is null or to_day >= from_day)
);
create index alliance_leader_of on alliance_leader (alliance_id, from_day);
create index alliance_leader_account on alliance_leader (staff_id);

-- The way of an alliance, step by step; its state follows from these rows.
create table alliance_step (
    id          text primary key,
    alliance_id text not null references alliance (id),
    kind        text not null check (kind in ('leader_found', 'host_confirmed', 'visit', 'first_meeting', 'launch', 'dormant', 'revived', 'closed')),
    on_day      text not null,
    note        text not null,
    recorded_by text not null,
    recorded_at text not null
);
create index alliance_step_of on alliance_step (alliance_id, on_day, recorded_at);

-- Local organizations and people, each perhaps an affiliate of a national member.
create table roster_entry (
    id              text primary key,
    alliance_id     text not null references alliance (id),
    kind            text not null check (kind in ('organization', 'person')),
    name            text not null check (name <> ''),
    email           text,
    note            text not null,
    organization_id text references organization (id),
    from_day        text not null,
    to_day          text,
    check (to_day is null or to_day >= from_day)
);
create index roster_entry_of on roster_entry (alliance_id, name);

create table alliance_activity (
    id          text primary key,
    alliance_id text    not null references alliance (id),
    kind        text    not null check (kind in ('meeting', 'congress', 'media', 'school', 'event')),
    title       text    not null check (title <> ''),
    on_day      text    not null,
    place       text    not null,
    attendance  bigint check (attendance >= 0),
    notes       text    not null,
    shown       boolean not null,                    -- also on the public page
    recorded_by text    not null,
    recorded_at text    not null
);
create index alliance_activity_of on alliance_activity (alliance_id, on_day);

-- When the secretariat and the leader were last in touch.
create table alliance_contact (
    id          text primary key,
    alliance_id text not null references alliance (id),
    on_day      text not null,
    note        text not null check (note <> ''),
    recorded_by text not null,
    recorded_at text not null
);
create index alliance_contact_of on alliance_contact (alliance_id, on_day);

create table alliance_file (
    id          text primary key,
    alliance_id text   not null references alliance (id),
    file        text   not null,                     -- its random name in the folder of files
    name        text   not null check (name <> ''),
    kind        text   not null check (kind in ('pdf', 'png', 'jpeg', 'docx')),
    size        bigint not null,
    digest      text   not null,
    added_by    text   not null,
    added_at    text   not null,
    removed_at  text
);
create index alliance_file_of on alliance_file (alliance_id, added_at);

-- What was written to a roster; the mails themselves are in the outbox.
create table alliance_message (
    id          text primary key,
    alliance_id text   not null references alliance (id),
    subject     text   not null,
    body        text   not null,
    recipients  bigint not null,
    sent_by     text   not null,
    sent_at     text   not null
);
create index alliance_message_of on alliance_message (alliance_id, sent_at);

-- Somebody asks to join an alliance, or to start one.
create table alliance_request (
    id           text primary key,
    kind         text not null check (kind in ('join', 'start')),
    alliance_id  text references alliance (id),
    name         text not null check (name <> ''),
    email        text not null,
    organization text not null,
    city         text not null,
    state_code   text not null,
    message      text not null,
    state        text not null check (state in ('new', 'welcomed', 'answered')),
    received_at  text not null,
    answered_at  text,
    answered_by  text,
    answer       text,
    check ((kind = 'join') = (alliance_id is not null)),
    check ((state = 'new') = (answered_at is null))
);
create index alliance_request_waiting on alliance_request (state, received_at);
create index alliance_request_of on alliance_request (alliance_id, received_at);

-- How many requests were sent, by whom, in a stretch of time.
create table alliance_limit (
    subject text   not null,                         -- a keyed digest, never the address itself
    period  bigint not null,
    count   bigint not null,
    primary key (subject, period)
);
