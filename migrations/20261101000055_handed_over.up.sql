-- A channel's handovers: an export asks for them, and to erase a channel looks for each of them.
create index if not exists messenger_handover_channels_channel on messenger_handover_channels (channel_id);
