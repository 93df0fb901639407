drop index if exists messenger_messages_under_way;
