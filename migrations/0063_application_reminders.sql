-- What applicants are reminded of. Planned while an application waits for its applicant; each is sent, or
-- skipped for a reason, once.
create table application_reminder (
    application_id text   not null references application (id),
    rule           text   not null check (rule in ('draft', 'information')),
    question       bigint not null,                  -- which of our questions it is about, from 1; 0 for a draft
    days           bigint not null check (days > 0), -- after the last change, or after the question
    due_at         text   not null,
    state          text   not null check (state in ('planned', 'sent', 'skipped')),
    done_at        text,
    why            text,                             -- why it was skipped
    primary key (application_id, rule, question, days),
    check ((state = 'planned') = (done_at is null)),
    check ((state = 'skipped') = (why is not null))
);
create index application_reminder_due on application_reminder (due_at) where state = 'planned';
