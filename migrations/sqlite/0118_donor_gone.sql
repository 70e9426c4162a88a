-- A donor who goes is no longer found.
create trigger donor_search_gone before delete on donor begin
    delete from donor_search where rowid = (select number from donor_key where donor_id = old.id);
    delete from donor_key where donor_id = old.id;
end;
