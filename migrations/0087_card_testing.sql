-- Payments that a bank declined, each once, and the bursts of them that look like stolen cards being tried.
create table declined_payment (
    charge text primary key,                         -- ch_…, or pi_… where nothing was charged
    at     text not null
);
create index declined_payment_at on declined_payment (at);
create table card_testing (
    id       text primary key,
    began_at text    not null,
    declined bigint  not null,                       -- in the stretch of time that raised it
    paused   boolean not null,                       -- giving was paused because of it
    seen_at  text,
    seen_by  text,
    check ((seen_at is null) = (seen_by is null))
);
create index card_testing_began on card_testing (began_at);
