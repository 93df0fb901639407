alter table messenger_channels drop column link_seq, drop column reply_flood;
