-- Says whether any channel's row shows a cancelled message of a broadcast.
select exists (select from messenger_messages m join messenger_channels c on c.last_message_id = m.id
	and c.id = m.channel_id
	where m.broadcast_id = @broadcast and m.delivery_status = 'cancelled')
