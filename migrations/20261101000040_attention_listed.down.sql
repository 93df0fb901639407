drop index if exists messenger_messages_scheduled;
--bun:split
drop index if exists messenger_messages_needed;
