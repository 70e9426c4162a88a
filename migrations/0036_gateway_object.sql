-- How often what the gateway says of one of its objects was written to our tables. Who asks remembers the
-- count and writes only while it stands: an answer that another has overtaken is asked for again.
create table gateway_object (
    id     text   primary key,                       -- pi_…, sub_…, po_…
    writes bigint not null check (writes > 0)
);
