-- Addresses that are not written to in one class of mail, each with whose word it is and why.
create table mail_refusal (
    addressee text not null,
    class     text not null check (class in ('updates', 'fundraising')),
    subject   text not null,                         -- the record that says so, such as a donor's id
    why       text not null check (why <> ''),
    primary key (addressee, class, subject)
);
create index mail_refusal_subject on mail_refusal (subject);
