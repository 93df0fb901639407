-- The broadcasts to a client: an export asks for them while it holds the ends of histories, and an erasure.
create index if not exists messenger_broadcast_recipients_client on messenger_broadcast_recipients (client_id);
---bun:split
-- The broadcasts that are not made yet: the day's end asks whether any is held up.
create index if not exists messenger_broadcasts_unmade on messenger_broadcasts (organisation_id, staff_id)
	where fanned_out < total and cancelled_at is null;
