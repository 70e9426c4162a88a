-- What a donor is ordered by, beside the number that a search finds: hits are put in order without their rows.
alter table donor_key add column search text not null default '';
update donor_key set search = (select d.search from donor d where d.id = donor_key.donor_id);

drop trigger donor_search_added;
create trigger donor_search_added after insert on donor begin
    insert into donor_key (donor_id, search) values (new.id, new.search);
    insert into donor_search (rowid, search) select number, new.search from donor_key where donor_id = new.id;
end;
drop trigger donor_search_changed;
create trigger donor_search_changed after update of search on donor when old.search <> new.search begin
    update donor_key set search = new.search where donor_id = new.id;
    insert or replace into donor_search (rowid, search) select number, new.search from donor_key where donor_id = new.id;
end;
