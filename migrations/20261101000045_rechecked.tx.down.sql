update messenger_messages set delivery_attention = null where delivery_attention = 'cannot_be_sent';
alter table messenger_messages
	drop column rechecked_at,
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check
		check (delivery_attention in ('delivery_failed', 'delivery_unknown', 'waiting', 'owner_left')) not valid;
