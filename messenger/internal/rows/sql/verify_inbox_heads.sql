-- verify_channel_heads of the histories of inboxes.
select '00000000-0000-0000-0000-000000000000'::uuid as channel_id, k.staff_id, k.organisation_id, h.id is null as gone
from messenger_inbox_history_heads k
left join lateral (select id from messenger_inbox_history
	where organisation_id = k.organisation_id and staff_id = k.staff_id limit 1) h on true
where (k.organisation_id, k.staff_id) > (@organisation, @staff)
order by k.organisation_id, k.staff_id limit 1000
