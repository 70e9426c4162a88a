-- What applicants of a track are asked besides the fixed facts, version by version. A version is never
-- changed: an edit makes the next one, and an application keeps the one it was begun with.
create table application_form (
    track    text    not null check (track in ('member', 'observer')),
    version  bigint  not null check (version > 0),
    document boolean not null,                       -- whether a commitment document is asked for
    body     text    not null,                       -- JSON: conditions and questions, in their order
    made_at  text,                                   -- none for what came with Convener
    made_by  text,
    primary key (track, version)
);
insert into application_form (track, version, document, body) values
    ('member', 1, true, '{"conditions":[{"name":"national","label":"It works nationally","meaning":"Its work reaches beyond one city, state or region. A local organization belongs to an alliance near it."},{"name":"genuine","label":"It is a genuine non-governmental organization","meaning":"It was founded and is led by private people, decides for itself, and is not run for profit."},{"name":"independent","label":"It is no part of a government or of a political party","meaning":""},{"name":"purpose","label":"It shares the coalition’s purpose","meaning":""}],"questions":[]}'),
    ('observer', 1, false, '{"conditions":[{"name":"national","label":"It works nationally","meaning":"Its work reaches beyond one city, state or region. A local organization belongs to an alliance near it."},{"name":"genuine","label":"It is a genuine non-governmental organization","meaning":"It was founded and is led by private people, decides for itself, and is not run for profit."},{"name":"independent","label":"It is no part of a government or of a political party","meaning":""},{"name":"purpose","label":"It shares the coalition’s purpose","meaning":""}],"questions":[]}');
alter table application add column form_version bigint;
alter table application add column answers text;     -- JSON: question to answers
update application set form_version = 1 where track is not null;
