-- The channels whose link needs a person.
create index if not exists messenger_channels_link on messenger_channels (organisation_id, staff_id) where link_locked or reply_flood;
drop index if exists messenger_channels_locked;
