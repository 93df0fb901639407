create index if not exists messenger_messages_broadcast on messenger_messages (broadcast_id) where broadcast_id is not null;
--bun:split
drop index if exists messenger_messages_of_broadcast;
