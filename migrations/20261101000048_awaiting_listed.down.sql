drop index if exists messenger_messages_private;
--bun:split
drop index if exists messenger_messages_awaiting;
