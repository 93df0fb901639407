drop index if exists messenger_history_in_order;
drop index if exists messenger_inbox_history_in_order;
