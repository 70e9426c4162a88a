-- What is known of a donor beside the name: how to reach them, how not to, and what staff keep in mind.
alter table donor add column phone text;
alter table donor add column greeting text;          -- as in: Dear Ada and Charles,
alter table donor add column deceased_on text;
alter table donor add column no_mail boolean not null default false;
alter table donor add column no_email boolean not null default false;
alter table donor add column no_phone boolean not null default false;

-- Postal addresses as a letter needs them. The one that is also donor.address, as lines, is preferred.
create table donor_postal (
    id        text primary key,
    donor_id  text    not null references donor (id),
    lines     text    not null check (lines <> ''), -- street and house, as they stand on an envelope
    city      text    not null,
    state     text    not null,
    zip       text    not null,
    country   text    not null,
    from_day  text,
    to_day    text,
    check (to_day is null or from_day is null or to_day >= from_day)
);
create index donor_postal_of on donor_postal (donor_id, id);

-- Further e-mail addresses. The preferred one is donor.email.
create table donor_other_email (
    id       text primary key,
    donor_id text not null references donor (id),
    email    text not null,
    from_day text,
    to_day   text,
    check (to_day is null or from_day is null or to_day >= from_day)
);
create unique index donor_other_email_once on donor_other_email (donor_id, email);

-- Who belongs to a household. Their gifts stay their own.
create table household_member (
    donor_id     text primary key references donor (id),
    household_id text not null references donor (id),
    since        text not null,
    check (donor_id <> household_id)
);
create index household_member_of on household_member (household_id, since);

create table donor_tag (
    donor_id text not null references donor (id),
    tag      text not null check (tag <> ''),
    primary key (donor_id, tag)
);
create index donor_tag_of on donor_tag (tag, donor_id);

create table donor_note (
    id         text primary key,
    donor_id   text not null references donor (id),
    day        text not null,
    words      text not null check (words <> ''),
    written_at text not null,
    written_by text not null
);
create index donor_note_of on donor_note (donor_id, day, id);

create table donor_task (
    id          text primary key,
    donor_id    text not null references donor (id),
    what        text not null check (what <> ''),
    due_day     text not null,
    assignee_id text not null references staff_user (id),
    made_at     text not null,
    made_by     text not null,
    done_at     text,
    done_by     text,
    check ((done_at is null) = (done_by is null))
);
create index donor_task_of on donor_task (donor_id, due_day, id);
create index donor_task_due on donor_task (due_day, id) where done_at is null;
