-- The place of a new donor is worked out once, from what it is ordered by: SQLite had put the whole of it wherever it was
-- named, and read the donor again each time.
drop trigger donor_search_added;
drop trigger donor_search_changed;

create trigger donor_search_added after insert on donor begin
    insert into donor_key (number, donor_id, search)
    select coalesce((select max(number) + 1 from donor_key where number between place and place + 2097150), place), new.id, new.search
    from (with start as materialized (select substr(new.search, 1, 6) as first),
               run as materialized (
                   select first, case when first not glob '*[^ -~]*' then first else substr(first, 1, length(first) - length(ltrim(first,
                       ' !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'))) end as plain
                   from start),
               padded as materialized (
                   select plain || case when plain < first then char(127) else '' end || char(1, 1, 1, 1, 1, 1) as letters from run),
               at as materialized (
                   select (unicode(letters) << 56) + (unicode(substr(letters, 2)) << 49) + (unicode(substr(letters, 3)) << 42)
                        + (unicode(substr(letters, 4)) << 35) + (unicode(substr(letters, 5)) << 28)
                        + (unicode(substr(letters, 6)) << 21) as place
                   from padded)
          select place from at);
    insert into donor_search (rowid, search) select number, search from donor_key where donor_id = new.id;
end;
create trigger donor_search_changed after update of search on donor when old.search <> new.search begin
    delete from donor_search where rowid = (select number from donor_key where donor_id = new.id);
    delete from donor_key where donor_id = new.id;
    insert into donor_key (number, donor_id, search)
    select coalesce((select max(number) + 1 from donor_key where number between place and place + 2097150), place), id, search
    from donor_place where id = new.id;
    insert into donor_search (rowid, search) select number, search from donor_key where donor_id = new.id;
end;
