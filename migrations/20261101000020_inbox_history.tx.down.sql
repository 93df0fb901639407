drop table messenger_inbox_history;
