drop trigger messenger_broadcasts_key on messenger_broadcasts;
drop trigger messenger_messages_key on messenger_messages;
drop function messenger_key_digest();
