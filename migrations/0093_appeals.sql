-- What was sent out to ask for gifts; its code in a link says which gifts it brought.
create table appeal (
    id          text   primary key,
    code        text   not null unique check (code <> ''),
    name        text   not null check (name <> ''),
    day         text   not null,
    channel     text   not null check (channel in ('mail', 'email', 'event', 'web', 'social', 'phone', 'other')),
    cost        bigint not null check (cost >= 0),
    currency    text   not null,
    campaign_id text   references campaign (id),
    created_at  text   not null
);
create index appeal_day on appeal (day, code);
create index gift_source on gift (source, shown_at, id) where source is not null;

-- What visitors read on the page of a campaign.
alter table campaign add column story text not null default '';
