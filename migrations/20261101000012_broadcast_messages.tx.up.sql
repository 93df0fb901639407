-- A cancel goes through a broadcast's messages in their order, once: by the broadcast alone each batch met those cancelled before it again.
create index messenger_messages_of_broadcast on messenger_messages (broadcast_id, id) where broadcast_id is not null;
drop index messenger_messages_broadcast;
