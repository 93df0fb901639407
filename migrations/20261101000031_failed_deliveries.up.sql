-- An inbox's messages that were not delivered, or nobody knows, newest first: for the notification centre.
create index if not exists messenger_messages_failed on messenger_messages (organisation_id, staff_id, created_at desc, id desc)
	where delivery_attention in ('delivery_failed', 'delivery_unknown');
