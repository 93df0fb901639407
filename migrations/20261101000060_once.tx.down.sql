drop table messenger_made_once;
