drop index messenger_messages_texted;
drop table messenger_unmatched;
