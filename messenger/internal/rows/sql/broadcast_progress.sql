select b.total, b.fanned_out, b.cancelled_at is not null as is_cancelled, coalesce(b.send_after > now(), false) as waits,
	b.created_at, coalesce(sum(c.skipped), 0) as skipped, coalesce(sum(c.sent), 0) as sent, coalesce(sum(c.failed), 0) as failed,
	coalesce(sum(c.cancelled), 0) as cancelled
from messenger_broadcasts b left join messenger_broadcast_counts c on c.broadcast_id = b.id
where b.id = @id and b.organisation_id = @organisation
group by b.id
