-- A cancel goes through a broadcast's messages in their order, once: by the broadcast alone each batch met those cancelled before it again.
create index if not exists messenger_messages_of_broadcast on messenger_messages (broadcast_id, id) where broadcast_id is not null;
--bun:split
-- on its own: whoever reads the table and waits to write to it must not wait for this for ever
drop index if exists messenger_messages_broadcast;
