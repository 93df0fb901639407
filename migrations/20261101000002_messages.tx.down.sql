drop table messenger_messages;
