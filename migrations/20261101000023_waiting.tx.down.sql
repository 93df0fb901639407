update messenger_messages set delivery_attention = null where delivery_attention = 'waiting';
update messenger_messages set record_attention = null where record_attention = 'waiting';
alter table messenger_messages
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check
		check (delivery_attention in ('delivery_failed', 'delivery_unknown')),
	drop constraint messenger_messages_record_attention_check,
	add constraint messenger_messages_record_attention_check
		check (record_attention in ('record_failed', 'record_held')),
	drop column delivery_waiting,
	drop column delivery_waiting_until,
	drop column record_waiting,
	drop column record_waiting_until;
delete from messenger_pauses where medium = 'record';
alter table messenger_pauses drop column why, drop column since;
