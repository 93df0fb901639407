-- The organisations that have something scheduled: one look into the index for each, however much it is.
with recursive found as (
	(select organisation_id from messenger_messages where delivery_status = 'scheduled' order by organisation_id limit 1)
	union all
	select n.organisation_id
	from found f, lateral (
		select organisation_id from messenger_messages
		where delivery_status = 'scheduled' and organisation_id > f.organisation_id
		order by organisation_id limit 1) n
)
select organisation_id from found
