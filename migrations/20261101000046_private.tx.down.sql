alter table messenger_broadcasts drop column private_subject, drop column private_body;
alter table messenger_drafts drop column private;
alter table messenger_messages
	drop column private_subject,
	drop column private_body,
	drop column opened_at,
	drop column withdrawn_at,
	drop column withdrawn_by,
	drop column withdrawn_reason;
