-- What each reviewer thinks; changed until the decision, and kept after it.
create table vote (
    application_id text not null references application (id),
    staff_id       text not null references staff_user (id),
    name           text not null,
    choice         text not null check (choice in ('for', 'against', 'abstain', 'recused')),
    comment        text not null,                    -- of a recusal: why
    cast_at        text not null,
    changed_at     text not null,
    primary key (application_id, staff_id),
    check (choice <> 'recused' or comment <> '')
);

-- How it was decided, as it stood at that moment. Only the minutes come later.
create table decision (
    application_id text primary key references application (id),
    round_id       text references review_round (id),
    outcome        text not null check (outcome in ('approved', 'declined')),
    decided_at     text not null,
    staff_id       text not null references staff_user (id),
    decided_by     text not null,
    reason         text,                             -- as it was mailed
    why            text,                             -- why it departs from the votes
    supported      boolean not null,                 -- whether the votes were for it, or none were asked for
    standing       text not null,                    -- where the votes stood, in a sentence
    rules          text not null,                    -- JSON: threshold and quorum in force
    votes          text not null,                    -- JSON
    minutes        text,                             -- its random name in the folder of files
    minutes_name   text,
    minutes_kind   text check (minutes_kind in ('pdf', 'png', 'jpeg', 'docx')),
    minutes_size   bigint,
    minutes_digest text,
    check (supported or why is not null)
);
create index decision_round on decision (round_id);
