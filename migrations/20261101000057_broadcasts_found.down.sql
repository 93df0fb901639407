drop index if exists messenger_broadcast_recipients_client;
drop index if exists messenger_broadcasts_unmade;
