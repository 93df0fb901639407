alter table messenger_broadcast_recipients add column message_id uuid;
