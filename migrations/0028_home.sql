-- Who gave in a month, counted without reading the gifts themselves.
create index gift_givers on gift (shown_at, donor_id) where state = 'settled';
