alter table messenger_messages drop column safe_lifted, drop column neutral;
