alter table messenger_broadcasts drop column cancelled_by_id, drop column cancelled_by_name;
