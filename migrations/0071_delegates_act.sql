-- Delegates act too. The column is made anew because a check can't be changed on both databases.
alter table audit_event add column actor_kind_next text not null default 'system'
    check (actor_kind_next in ('staff', 'applicant', 'donor', 'delegate', 'system', 'command_line'));
update audit_event set actor_kind_next = actor_kind;
alter table audit_event drop column actor_kind;
alter table audit_event rename column actor_kind_next to actor_kind;
