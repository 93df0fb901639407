alter table messenger_broadcasts drop column expects, drop column expect_by;
alter table messenger_drafts drop column expects, drop column expect_by;
alter table messenger_messages
	drop column expects,
	drop column expect_by,
	drop column awaiting,
	drop column awaiting_due,
	drop column awaiting_by,
	drop column acknowledged_at,
	drop column reminds,
	drop column reminder_id;
