-- What a message asks of its client, by which day (YYYY-MM-DD, in the organisation's zone) and until when that day lasts; whether it still waits, and the reply
-- that ended that. A reminder names the message that it reminds of, and that message its reminder. Drafts and broadcasts likewise.
alter table messenger_messages
	add column expects text,
	add column expect_by text,
	add column awaiting text,
	add column awaiting_due timestamptz,
	add column awaiting_by uuid,
	add column acknowledged_at timestamptz,
	add column reminds uuid,
	add column reminder_id uuid;
alter table messenger_drafts add column expects text not null default '', add column expect_by text not null default '';
alter table messenger_broadcasts add column expects text not null default '', add column expect_by text not null default '';
