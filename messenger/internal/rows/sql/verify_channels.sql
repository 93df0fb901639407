-- Some channels' histories, a line each with its seal, in the order of their numbers, and where the chain ends. A
-- channel without a line has one row, and so has a chain whose channel is gone.
with these as (
	select id from ((select id from messenger_channels where id > @after order by id limit @limit)
		union (select channel_id from messenger_history_heads where channel_id > @after order by channel_id limit @limit)) o
	order by id limit @limit
)
select o.id as channel_id, '' as staff_id,
	coalesce(h.organisation_id, c.organisation_id, '') as organisation_id,
	h.id, coalesce(h.at, 'epoch') as at, coalesce(h.actor_kind, '') as actor_kind, coalesce(h.actor_id, '') as actor_id,
	coalesce(h.actor_name, '') as actor_name, coalesce(h.on_behalf_of, '') as on_behalf_of,
	coalesce(h.action, '') as action, h.message_id, coalesce(h.note, '') as note, h.seq, h.chain, h.key_id,
	k.seq as head_seq, k.chain as head_chain
from these o
left join messenger_channels c on c.id = o.id
left join messenger_history_heads k on k.channel_id = o.id
left join messenger_history h on h.channel_id = o.id
order by o.id, h.seq nulls first, h.id
