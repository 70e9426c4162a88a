-- Applications in their round. A deferral ends one stay, with its reason, and begins the next.
create table round_entry (
    application_id text not null references application (id),
    round_id       text not null references review_round (id),
    entered_at     text not null,
    deferred_at    text,
    reason         text,
    primary key (application_id, round_id),
    check ((deferred_at is null) = (reason is null))
);
create unique index round_entry_now on round_entry (application_id) where deferred_at is null;
create index round_entry_round on round_entry (round_id);

-- Who is asked to look at an application. The name is the one at the time.
create table assignment (
    application_id text not null references application (id),
    staff_id       text not null references staff_user (id),
    name           text not null,
    assigned_at    text not null,
    assigned_by    text not null,
    primary key (application_id, staff_id)
);
create index assignment_of on assignment (staff_id);

-- Who looks at applications besides those whose role does.
alter table staff_user add column reviews boolean not null default false;

-- The same table, which also knows of deferrals.
create table application_event_next (
    id             text primary key,
    application_id text not null references application (id),
    at             text not null,
    who            text not null,
    kind           text not null check (kind in ('started', 'submitted', 'asked', 'answered', 'in_review', 'deferred', 'approved', 'declined', 'withdrawn', 'reopened')),
    message        text
);
insert into application_event_next (id, application_id, at, who, kind, message)
    select id, application_id, at, who, kind, message from application_event;
drop table application_event;
alter table application_event_next rename to application_event;
create index application_event_of on application_event (application_id, id);
