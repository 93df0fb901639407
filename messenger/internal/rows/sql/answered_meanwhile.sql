-- Has a message that went out be answered by the first reply since, where that came before anybody knew that it had gone.
-- Where its carrier does not say when it went, that is the beginning of the attempt that was in doubt.
update messenger_messages w
set awaiting = 'answered', awaiting_by = reply.id
from messenger_messages s cross join lateral (
	select r.id from messenger_messages r
	where r.channel_id = s.channel_id and r.direction = 'inbound' and r.unassigned_at is null
		and r.created_at >= coalesce(@since::timestamptz, s.unclear_at, s.sent_at, s.attempt_at)
	order by r.seq
	limit 1
) reply
where w.id = s.id and s.id = @id and w.awaiting = 'waiting' and w.delivery_status in ('sent', 'delivered', 'unknown')
