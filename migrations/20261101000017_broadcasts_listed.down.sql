drop index if exists messenger_broadcasts_listed;
