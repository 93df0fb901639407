drop table messenger_handover_channels;
drop table messenger_handovers;
