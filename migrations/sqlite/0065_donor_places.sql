-- Hits of a search come in the order of their numbers. A donor's number therefore begins with the first six
-- letters of what it is ordered by, so that hits come in order, save those that begin alike: 7 bits a letter,
-- and room for 2,097,152 that begin alike. What is no ASCII stands after it, and ends the letters that count.
create view donor_place as
select id, search,
       (unicode(letters) << 56) + (unicode(substr(letters, 2)) << 49) + (unicode(substr(letters, 3)) << 42)
     + (unicode(substr(letters, 4)) << 35) + (unicode(substr(letters, 5)) << 28) + (unicode(substr(letters, 6)) << 21) as place
from (select id, search, plain || case when plain < first then char(127) else '' end || char(1, 1, 1, 1, 1, 1) as letters
      from (select id, search, first, substr(first, 1, length(first) - length(ltrim(first,
                ' !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'))) as plain
            from (select id, search, substr(search, 1, 6) as first from donor)));

drop trigger donor_search_added;
drop trigger donor_search_changed;
drop table donor_search;
drop table donor_key;

create table donor_key (
    number   integer primary key,
    donor_id text not null unique references donor (id),
    search   text not null
);
create virtual table donor_search using fts5 (search, content = '', contentless_delete = 1, tokenize = 'trigram');

insert into donor_key (number, donor_id, search)
select place + row_number() over (partition by place order by id) - 1, id, search from donor_place;
insert into donor_search (rowid, search) select number, search from donor_key order by number;

create trigger donor_search_added after insert on donor begin
    insert into donor_key (number, donor_id, search)
    select coalesce((select max(number) + 1 from donor_key where number between place and place + 2097150), place), id, search
    from donor_place where id = new.id;
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
