drop index if exists messenger_channels_moved;
