-- What another system calls a gift that was brought in from a file: no gift is brought in twice.
create table carried_gift (
    name    text primary key,
    gift_id text not null references gift (id)
);
create index carried_gift_of on carried_gift (gift_id);
