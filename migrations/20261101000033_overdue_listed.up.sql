-- An organisation's unread replies of which more is to be told, the oldest first: what the periodic job looks at.
create index if not exists messenger_messages_due on messenger_messages (organisation_id, overdue_told, created_at)
	where direction = 'inbound' and read_at is null and overdue_told < 2;
--bun:split
-- An inbox's overdue replies.
create index if not exists messenger_messages_overdue on messenger_messages (organisation_id, staff_id, channel_id)
	where direction = 'inbound' and read_at is null and overdue_at is not null;
--bun:split
-- The overdue replies that a staff member was told of.
create index if not exists messenger_messages_overdue_to on messenger_messages using gin (overdue_to)
	where direction = 'inbound' and read_at is null and overdue_at is not null;
