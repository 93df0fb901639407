-- The oldest unread reply of each organisation and each stage of telling: one look into the index for each, however many
-- replies there are. Nobody's are looked at who has none.
with recursive oldest as (
	(select organisation_id, overdue_told, created_at from messenger_messages
	where direction = 'inbound' and read_at is null and overdue_told < 2
	order by organisation_id, overdue_told, created_at limit 1)
	union all
	select n.organisation_id, n.overdue_told, n.created_at
	from oldest o, lateral (
		select organisation_id, overdue_told, created_at from messenger_messages
		where direction = 'inbound' and read_at is null and overdue_told < 2
			and (organisation_id, overdue_told) > (o.organisation_id, o.overdue_told)
		order by organisation_id, overdue_told, created_at limit 1) n
)
select organisation_id, overdue_told, created_at from oldest
