drop index if exists messenger_messages_overdue_to;
drop index if exists messenger_messages_overdue;
drop index if exists messenger_messages_due;
