drop trigger messenger_channels_attention_begins on messenger_channels;
drop trigger messenger_messages_attention_begins on messenger_messages;
drop function messenger_attention_begins();
alter table messenger_channels drop column attention_since;
alter table messenger_messages drop column attention_since;
