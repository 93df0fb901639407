drop index if exists messenger_messages_inbox_words;
drop function messenger_inbox_words(text, tsvector);
drop function messenger_inbox_query(text, text);
drop function messenger_inbox_bucket(text);
