-- The next lines of the histories of channels, in the order of their chains, each with where its chain ends by now. The
-- limit is a word of the text: of a value the planner would not know that so few are wanted, and read all. The last
-- condition is the one of the index.
select h.channel_id, '' as staff_id, h.organisation_id, h.id, h.at, h.actor_kind, h.actor_id, h.actor_name,
	h.on_behalf_of, h.action, h.message_id, h.note, '' as client_id,
	h.seq, h.chain, h.key_id, k.seq as head_seq, k.chain as head_chain
from messenger_history h
left join lateral (select seq, chain from messenger_history_heads where channel_id = h.channel_id limit 1) k on true
where (h.channel_id, coalesce(h.seq, 0), h.id) > (@channel, @seq::bigint, @line)
	and (h.seq is null or h.seq is not null)
order by h.channel_id, coalesce(h.seq, 0), h.id limit 1000
