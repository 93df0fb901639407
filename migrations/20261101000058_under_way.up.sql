-- An inbox's single messages that are on their way: the day's end asks whether any has stood there for too long. One of
-- a broadcast may.
create index if not exists messenger_messages_under_way on messenger_messages (organisation_id, staff_id, created_at)
	where delivery_status in ('queued', 'sending') and broadcast_id is null;
