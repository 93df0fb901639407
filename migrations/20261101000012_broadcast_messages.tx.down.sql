create index messenger_messages_broadcast on messenger_messages (broadcast_id) where broadcast_id is not null;
drop index messenger_messages_of_broadcast;
