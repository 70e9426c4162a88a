-- Which organization of the roll a donor is.
create table donor_organization (
    donor_id        text primary key references donor (id),
    organization_id text not null references organization (id),
    tied_at         text not null,
    tied_by         text not null
);
create index donor_organization_of on donor_organization (organization_id);
