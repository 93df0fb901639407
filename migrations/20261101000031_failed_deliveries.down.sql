drop index if exists messenger_messages_failed;
