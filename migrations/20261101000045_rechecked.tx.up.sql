-- When it was asked, the working day before, whether a message that goes out later can; and that it can not. Rows that
-- stand already need not be read.
alter table messenger_messages
	add column rechecked_at timestamptz,
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check check (delivery_attention in
		('delivery_failed', 'delivery_unknown', 'waiting', 'owner_left', 'cannot_be_sent')) not valid;
