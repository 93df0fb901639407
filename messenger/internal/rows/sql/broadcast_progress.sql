-- How far broadcasts have come: one of them (@id), or a staff member's newest before a place.
with b as (
	(select * from messenger_broadcasts where id = @id::uuid and organisation_id = @organisation)
	union all
	(select * from messenger_broadcasts
	where @id::uuid is null and organisation_id = @organisation and staff_id = @staff::text
		and (created_at, id) < (@at::timestamptz, @before::uuid)
	order by created_at desc, id desc limit @limit)
)
select b.id, b.medium, b.subject, b.body, b.send_after, b.total, b.fanned_out,
	b.cancelled_at is not null as is_cancelled, b.private_body is not null as private,
	coalesce(b.send_after > now(), false) as waits, b.created_at, coalesce(c.skipped, 0) as skipped,
		coalesce(c.sent, 0) as sent,
	coalesce(c.failed, 0) as failed, coalesce(c.cancelled, 0) as cancelled
from b left join lateral (
	select sum(skipped) as skipped, sum(sent) as sent, sum(failed) as failed, sum(cancelled) as cancelled
	from messenger_broadcast_counts where broadcast_id = b.id
) c on true
order by b.created_at desc, b.id desc
