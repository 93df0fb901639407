-- Has what a text cancelled, that was somebody else's and is taken out of its channel by now, go out after all when it
-- was to: where its time is still to come, the client has not replied since it was written, and its owner works here.
update messenger_messages m
set delivery_status = 'scheduled', cancelled_because = '',
	record_status = case when record_reason = 'never_sent' then 'pending' else record_status end,
	record_reason = case when record_reason = 'never_sent' then '' else record_reason end
where m.organisation_id = @organisation and m.staff_id = @owner and m.channel_id = @channel
	and m.delivery_status = 'cancelled' and m.cancelled_because = 'replied' and m.unless = 'replied'
	and m.send_after > @now
	and not exists (
		select from messenger_messages r
		where r.channel_id = m.channel_id and r.direction = 'inbound' and r.unassigned_at is null and r.seq > m.seq
	)
	and not exists (
		select from messenger_leavers l where l.organisation_id = m.organisation_id and l.staff_id = m.staff_id
	)
returning m.id, m.send_after
