drop table messenger_pauses;
drop trigger messenger_messages_broadcast_count on messenger_messages;
drop function messenger_broadcast_count();
alter table messenger_messages drop column broadcast_id, drop column broadcast_counted;
drop table messenger_broadcast_counts;
drop table messenger_broadcast_recipients;
drop table messenger_broadcasts;
