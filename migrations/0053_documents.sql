-- Papers about an organization. The file lies in the folder of files; what is here says what it is.
create table organization_document (
    id              text primary key,
    organization_id text   not null references organization (id),
    kind            text   not null check (kind in ('commitment_letter', 'resolution', 'reaffirmation', 'bylaws', 'correspondence', 'other')),
    title           text   not null check (title <> ''),
    dated           text   not null,                 -- the day on the paper
    file            text   not null,                 -- its random name in the folder of files
    file_name       text   not null,                 -- as its sender called it
    file_kind       text   not null check (file_kind in ('pdf', 'png', 'jpeg', 'docx')),
    file_size       bigint not null,
    file_digest     text   not null,
    added_at        text   not null,
    added_by        text   not null,
    application_id  text   unique references application (id)
);
create index organization_document_of on organization_document (organization_id, dated, id);

-- The commitment documents of those who were approved already.
insert into organization_document
    (id, organization_id, kind, title, dated, file, file_name, file_kind, file_size, file_digest, added_at, added_by, application_id)
select id, organization_id,
       case document_kind when 'resolution' then 'resolution' else 'commitment_letter' end,
       'Commitment document', coalesce(document_day, substr(decided_at, 1, 10)), file, coalesce(file_name, 'document'), file_kind,
       coalesce(file_size, 0), coalesce(file_digest, ''), decided_at, coalesce(decided_by, 'Convener'), id
  from application
 where state = 'approved' and file is not null and file_kind is not null;
