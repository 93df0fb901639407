create index if not exists messenger_channels_locked on messenger_channels (organisation_id, staff_id) where link_locked;
drop index if exists messenger_channels_link;
