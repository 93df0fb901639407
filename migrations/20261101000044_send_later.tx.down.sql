alter table messenger_drafts drop column send_local, drop column send_zone, drop column unless;
alter table messenger_messages drop column send_local, drop column send_zone, drop column unless;
