-- What waits long says why and until when. Rows that stand already keep the narrower rule, so that none has to be read.
alter table messenger_messages
	add column delivery_waiting text not null default '',
	add column delivery_waiting_until timestamptz,
	add column record_waiting text not null default '',
	add column record_waiting_until timestamptz,
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check
		check (delivery_attention in ('delivery_failed', 'delivery_unknown', 'waiting')) not valid,
	drop constraint messenger_messages_record_attention_check,
	add constraint messenger_messages_record_attention_check
		check (record_attention in ('record_failed', 'record_held', 'waiting')) not valid;

-- A pause may be the record's too: medium is 'record' then.
alter table messenger_pauses
	add column why text not null default 'provider_limit',
	add column since timestamptz not null default now();
