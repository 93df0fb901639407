drop index if exists messenger_unmatched_from;
