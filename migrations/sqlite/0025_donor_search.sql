-- Donors by any three letters in a row. FTS5 names its rows by number, so each donor gets one.
create table donor_key (
    number   integer primary key,
    donor_id text not null unique references donor (id)
);
create virtual table donor_search using fts5 (search, content = '', contentless_delete = 1, tokenize = 'trigram');

create trigger donor_search_added after insert on donor begin
    insert into donor_key (donor_id) values (new.id);
    insert into donor_search (rowid, search) select number, new.search from donor_key where donor_id = new.id;
end;
create trigger donor_search_changed after update of search on donor when old.search <> new.search begin
    insert or replace into donor_search (rowid, search) select number, new.search from donor_key where donor_id = new.id;
end;
