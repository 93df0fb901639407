drop trigger messenger_history_chain on messenger_history;
drop trigger messenger_inbox_history_chain on messenger_inbox_history;
drop function messenger_history_is_chained();
drop function messenger_inbox_history_is_chained();
drop table messenger_history_heads;
drop table messenger_inbox_history_heads;
alter table messenger_history drop column seq, drop column chain, drop column key_id;
alter table messenger_inbox_history drop column seq, drop column chain, drop column key_id;
