-- A logo as visitors get it, re-encoded and small, and the file it was made from.
create table organization_logo (
    organization_id text   primary key references organization (id),
    name            text   not null unique,          -- in its public address: a fingerprint and an ending
    file            text   not null,                 -- in the folder of files
    original        text   not null,                 -- in the folder of files
    width           bigint not null check (width > 0),
    height          bigint not null check (height > 0),
    changed_at      text   not null
);
