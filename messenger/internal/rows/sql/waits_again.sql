-- Has what a reply settled, that was somebody else's, be answered by the next reply since it went out, or wait again:
-- and be reminded of, where a reminder was cancelled for that reply.
update messenger_messages w
set awaiting_by = later.id,
	awaiting = case when later.id is not null then 'answered' when @discharged then 'stopped' else 'waiting' end,
	reminder_id = case when not exists (
		select from messenger_messages r where r.id = w.reminder_id and r.delivery_status = 'cancelled'
	) then w.reminder_id end
from messenger_messages s left join lateral (
	select r.id from messenger_messages r
	where r.channel_id = s.channel_id and r.direction = 'inbound' and r.unassigned_at is null
		and r.created_at >= coalesce(s.sent_at, s.created_at)
	order by r.seq
	limit 1
) later on true
where w.id = s.id and s.channel_id = @channel and s.awaiting_by = @reply
