alter table messenger_broadcasts drop column send_local, drop column send_zone;
