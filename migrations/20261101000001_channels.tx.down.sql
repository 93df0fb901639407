drop table messenger_channels;
