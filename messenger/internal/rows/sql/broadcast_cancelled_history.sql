insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of,
	action, message_id, chain, key_id)
select w.id, @organisation, w.channel, @now, @actor_kind, @actor, @actor_name, @on_behalf_of, 'cancelled', w.message,
	w.tag, @key_id
from unnest(@ids::text[]::uuid[], @channels::text[]::uuid[], @messages::text[]::uuid[], @tags::bytea[])
	w (id, channel, message, tag)
