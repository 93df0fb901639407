alter table messenger_messages drop column overdue_at, drop column overdue_told, drop column overdue_to, drop column overdue_nobody;
