-- An inbox's messages that need a person, newest first. What needed one before attention_since came has its own time.
create index if not exists messenger_messages_needed
	on messenger_messages (organisation_id, staff_id, (coalesce(attention_since, created_at)) desc, id desc)
	where delivery_attention is not null or record_attention is not null;
--bun:split
-- An inbox's messages that are still to go out.
create index if not exists messenger_messages_scheduled on messenger_messages (organisation_id, staff_id, channel_id)
	where delivery_status = 'scheduled';
