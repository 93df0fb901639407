-- How many wrong dates of birth were given in a link's life. A right one begins wrong_dates again, and not these.
alter table messenger_channels add column wrong_dates_ever int not null default 0;
