alter table messenger_inbox_history
	drop column client_id,
	drop column note;
