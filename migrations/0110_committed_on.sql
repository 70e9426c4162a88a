-- The day on the commitment document of an organization whose paper is not kept here.
alter table membership add column committed_on text;
