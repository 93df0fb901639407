drop table messenger_history;
drop function messenger_history_is_append_only();
