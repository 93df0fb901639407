-- Until when the message that a list shows of a channel waits, where it was scheduled.
alter table messenger_channels add column last_send_after timestamptz;
