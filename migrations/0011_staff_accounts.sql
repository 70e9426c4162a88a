-- What an account needs beyond its row, and the count of attempts that slows guessing down.
alter table staff_user add column invited_at text;             -- when the last invitation was mailed
alter table staff_user add column password_changed_at text;

create table sign_in_limit (
    key        text primary key,                     -- what is limited: its kind and a digest of the account, or the address
    started_at text   not null,                      -- when this count began; a count is over after its window
    tried      bigint not null check (tried >= 0)
);
