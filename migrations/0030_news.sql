-- What the coalition tells the public.
create table news_item (
    id           text primary key,
    slug         text not null unique,
    title        text not null check (title <> ''),
    summary      text not null,
    body         text not null,                      -- paragraphs with an empty line between
    state        text not null check (state in ('draft', 'published')),
    published_at text,
    created_at   text not null,
    check ((state = 'published') = (published_at is not null))
);
create index news_item_published on news_item (published_at, id) where state = 'published';
