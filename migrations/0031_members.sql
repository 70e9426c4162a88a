-- Kinds of members, as the coalition has them.
create table category (
    id       text primary key,
    slug     text   not null unique,
    name     text   not null check (name <> ''),
    position bigint not null
);

-- What applicants accept. A version that somebody accepted is never changed.
create table commitment_text (
    version  bigint primary key check (version > 0),
    body     text not null,
    in_force text not null                           -- from this day
);

-- When applications are looked at together.
create table review_round (
    id     text primary key,
    on_day text not null unique
);

create table organization (
    id          text primary key,
    slug        text   not null unique,
    name        text   not null check (name <> ''),
    category_id text   not null references category (id),
    city        text   not null,
    state_code  text   not null,                     -- two letters
    website     text,
    founded     bigint,                              -- year
    mission     text   not null,
    search      text   not null,                     -- folded name and city
    created_at  text   not null
);
create index organization_name on organization (search, id);
create index organization_category on organization (category_id);

-- Since when, and as what, an organization belongs. Standing is derived from dated facts.
create table membership (
    organization_id  text primary key references organization (id),
    track            text not null check (track in ('member', 'observer')),
    admission_number bigint unique,
    admitted_on      text not null,
    resigned_on      text,
    check ((track = 'member') = (admission_number is not null))
);
create index membership_since on membership (admitted_on, organization_id);

-- The last admission number given out. One row; taking the next locks it: no gaps, no reuse.
create table admission_counter (
    id     bigint primary key check (id = 1),
    number bigint not null
);
insert into admission_counter (id, number) values (1, 0);

-- A person's role at an organization.
create table contact (
    id              text primary key,
    organization_id text not null references organization (id),
    role            text not null check (role in ('delegate', 'alternate', 'press')),
    name            text not null check (name <> ''),
    title           text not null,
    email           text not null,
    phone           text,
    from_day        text not null,
    to_day          text
);
create index contact_organization on contact (organization_id, role);

create table application (
    id                 text primary key,
    state              text not null check (state in ('draft', 'submitted', 'needs_information', 'in_review', 'approved', 'declined', 'withdrawn')),
    email              text not null,                -- who applies; the links go there
    track              text check (track in ('member', 'observer')),
    name               text,
    website            text,
    city               text,
    state_code         text,
    founded            bigint,
    mission            text,
    category_id        text references category (id),
    eligibility        text,                         -- JSON: the points that were confirmed
    commitment_version bigint references commitment_text (version),
    committed_at       text,
    document_kind      text check (document_kind in ('letter', 'resolution')),
    signatory          text,
    signatory_title    text,
    document_day       text,
    file               text,                         -- its random name in the folder of files
    file_name          text,                         -- as the applicant called it
    file_kind          text check (file_kind in ('pdf', 'png', 'jpeg', 'docx')),
    file_size          bigint,
    file_digest        text,
    contacts           text,                         -- JSON
    note               text,                         -- what the applicant adds when asked
    created_at         text not null,
    changed_at         text not null,
    submitted_at       text,
    decided_at         text,
    decided_by         text,                         -- a staff user's name
    reason             text,
    organization_id    text unique references organization (id),
    check ((state = 'approved') = (organization_id is not null)),
    check (state = 'draft' or state = 'withdrawn' or submitted_at is not null)
);
create index application_state on application (state, submitted_at, id);
create index application_email on application (email);

-- What happened to an application, in order. Rows are only ever added.
create table application_event (
    id             text primary key,
    application_id text not null references application (id),
    at             text not null,
    who            text not null,
    kind           text not null check (kind in ('started', 'submitted', 'asked', 'answered', 'in_review', 'approved', 'declined', 'withdrawn', 'reopened')),
    message        text
);
create index application_event_of on application_event (application_id, id);

-- How many applications were begun, by whom, in a stretch of time.
create table application_limit (
    subject text   not null,                         -- a keyed digest, never the address itself
    period  bigint not null,
    count   bigint not null,
    primary key (subject, period)
);
