-- Has locked channels' rows show their last words: the client's newest while there are unread ones, else those of the
-- newest message that was not cancelled. Without any they show none.
update messenger_channels c set
	(last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after) = (
		select id, direction, medium, case when private_body is null then left(body, 140) else '' end, created_at, send_after from messenger_messages m
		where m.channel_id = c.id and m.delivery_status <> 'cancelled' and (c.unread_count = 0 or m.direction = 'inbound')
		order by m.seq desc limit 1)
where c.id = any(@channels::uuid[])
