-- An inbox's messages that wait for an answer.
create index if not exists messenger_messages_awaiting on messenger_messages (organisation_id, staff_id, channel_id)
	where awaiting = 'waiting';
--bun:split
-- A channel's private messages: what its page shows.
create index if not exists messenger_messages_private on messenger_messages (channel_id, seq)
	where private_body is not null;
