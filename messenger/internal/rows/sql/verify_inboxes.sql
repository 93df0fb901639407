-- verify_channels of some inboxes' own histories.
with these as (
	select organisation_id, staff_id from (select organisation_id, staff_id from messenger_inbox_history
		union select organisation_id, staff_id from messenger_inbox_history_heads) o
	where (organisation_id, staff_id) > (@organisation, @staff)
	order by organisation_id, staff_id limit @limit
)
select '00000000-0000-0000-0000-000000000000'::uuid as channel_id, o.staff_id, o.organisation_id,
	h.id, coalesce(h.at, 'epoch') as at, coalesce(h.actor_kind, '') as actor_kind, coalesce(h.actor_id, '') as actor_id,
	coalesce(h.actor_name, '') as actor_name, coalesce(h.on_behalf_of, '') as on_behalf_of,
	coalesce(h.action, '') as action, null::uuid as message_id, '' as note, h.seq, h.chain, h.key_id,
	k.seq as head_seq, k.chain as head_chain
from these o
left join messenger_inbox_history_heads k on k.organisation_id = o.organisation_id and k.staff_id = o.staff_id
left join messenger_inbox_history h on h.organisation_id = o.organisation_id and h.staff_id = o.staff_id
order by o.organisation_id, o.staff_id, h.seq nulls first, h.id
