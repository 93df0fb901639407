drop index if exists messenger_handover_channels_channel;
