-- What a list shows of a channel stands in its row: its newest message and how many replies are unread. Whatever writes a message or
-- reads one holds the channel's lock and writes this too. An inbox's page had to look up a hundred messages for it.
alter table messenger_channels
	add column unread_count int not null default 0,
	add column last_message_id uuid,
	add column last_direction text,
	add column last_medium text,
	add column last_preview text,
	add column last_created_at timestamptz;
