update messenger_messages set delivery_attention = null where delivery_attention = 'owner_left';
alter table messenger_messages
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check
		check (delivery_attention in ('delivery_failed', 'delivery_unknown', 'waiting')) not valid;
drop table messenger_leavers;
