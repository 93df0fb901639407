-- Has a channel's row show the client's message that has come.
update messenger_channels
set status = 'unread',
	last_seq = @seq,
	last_reply_seq = @seq,
	last_reply_at = @at,
	last_at = greatest(last_at, @at),
	updated_at = @at,
	last_message_id = @message,
	last_direction = 'inbound',
	last_medium = @medium,
	last_preview = left(@text, 140),
	last_created_at = @at,
	last_send_after = null,
	unread_count = (
		select count(*) from messenger_messages where channel_id = @channel and direction = 'inbound' and read_at is null
	)
where id = @channel
