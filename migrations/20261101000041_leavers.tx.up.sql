-- Who works for an organisation no more: their inbox is in front of its fallback until somebody takes what is in it.
create table messenger_leavers (
	organisation_id text not null,
	staff_id text not null,
	left_at timestamptz not null,
	primary key (organisation_id, staff_id)
);

-- What was to go out later for somebody who has left asks for a person. Rows that stand already need not be read.
alter table messenger_messages
	drop constraint messenger_messages_delivery_attention_check,
	add constraint messenger_messages_delivery_attention_check
		check (delivery_attention in ('delivery_failed', 'delivery_unknown', 'waiting', 'owner_left')) not valid;
