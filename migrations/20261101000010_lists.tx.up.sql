-- What a list shows of a channel stands in its row: its newest message and how many replies are unread. Whatever writes a message or
-- reads one holds the channel's lock and writes this too. An inbox's page had to look up a hundred messages for it.
alter table messenger_channels
	add column unread_count int not null default 0 check (unread_count >= 0),
	add column last_message_id uuid,
	add column last_direction text,
	add column last_medium text,
	add column last_preview text,
	add column last_created_at timestamptz;

update messenger_channels c
set unread_count = (select count(*) from messenger_messages u where u.channel_id = c.id and u.direction = 'inbound' and u.read_at is null),
	last_message_id = m.id, last_direction = m.direction, last_medium = m.medium, last_preview = left(m.body, 140), last_created_at = m.created_at
from messenger_messages m where m.channel_id = c.id and m.seq = c.last_seq;
