drop trigger messenger_channels_count_change on messenger_channels;
drop trigger messenger_channels_count_new on messenger_channels;
drop function messenger_inboxes_count_change();
drop function messenger_inboxes_count_new();
drop table messenger_inboxes;
