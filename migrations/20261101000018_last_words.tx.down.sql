alter table messenger_channels drop column last_send_after;
