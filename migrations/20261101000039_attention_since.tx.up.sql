-- Since when a message or a channel needs a person, for the list of all that does: its newest reason's time.
alter table messenger_messages add column attention_since timestamptz;
alter table messenger_channels add column attention_since timestamptz;

create function messenger_attention_begins() returns trigger language plpgsql as $$
begin
	new.attention_since := now();
	return new;
end
$$;

create trigger messenger_messages_attention_begins before update on messenger_messages for each row
	when (new.delivery_attention is not null and new.delivery_attention is distinct from old.delivery_attention
		or new.record_attention is not null and new.record_attention is distinct from old.record_attention)
	execute function messenger_attention_begins();
create trigger messenger_channels_attention_begins before update on messenger_channels for each row
	when (new.link_locked and not old.link_locked or new.reply_flood and not old.reply_flood)
	execute function messenger_attention_begins();
