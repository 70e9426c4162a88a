-- Work to be done in the background. A job is written with its cause and kept after its end.
create table job (
    id            text primary key,
    kind          text   not null,
    key           text   not null,
    run_at        text   not null,
    attempts      bigint not null,
    most_attempts bigint not null check (most_attempts > 0),
    held_until    text,                              -- a worker has it; if it dies, another may try then
    created_at    text   not null,
    finished_at   text,
    failed_at     text,
    error         text,
    done          bigint not null,                   -- progress, of total
    total         bigint not null,
    note          text,
    check (finished_at is null or failed_at is null)
);
create unique index job_open on job (kind, key) where finished_at is null and failed_at is null;
create index job_due on job (run_at, id) where finished_at is null and failed_at is null;
create index job_failed on job (kind, key) where failed_at is not null;

-- Which period of each regular job was begun last.
create table calendar (
    kind   text   primary key,
    period bigint not null
);
