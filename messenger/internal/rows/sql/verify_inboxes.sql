-- verify_channels of the histories of inboxes.
select '00000000-0000-0000-0000-000000000000'::uuid as channel_id, h.staff_id, h.organisation_id, h.id, h.at,
	h.actor_kind, h.actor_id, h.actor_name, h.on_behalf_of, h.action, null::uuid as message_id, h.note,
	h.client_id, h.seq, h.chain, h.key_id, k.seq as head_seq, k.chain as head_chain
from messenger_inbox_history h
left join lateral (select seq, chain from messenger_inbox_history_heads
	where organisation_id = h.organisation_id and staff_id = h.staff_id limit 1) k on true
where (h.organisation_id, h.staff_id, coalesce(h.seq, 0), h.id) > (@organisation, @staff, @seq::bigint, @line)
	and (h.seq is null or h.seq is not null)
order by h.organisation_id, h.staff_id, coalesce(h.seq, 0), h.id limit 1000
