-- Marks a locked channel's replies up to a place as read, counts what is left, and says how many there were. With the
-- last of them read, the channel's row shows its newest message that was not cancelled: see last_words.sql.
with replies as (
	update messenger_messages set read_at = @now, read_by = @staff
	where channel_id = @channel and seq <= @seq and direction = 'inbound' and read_at is null
	returning id
), later as (
	select count(*) as unread from messenger_messages
	where channel_id = @channel and seq > @seq and direction = 'inbound' and read_at is null
), shown as (
	update messenger_channels c set unread_count = later.unread,
		(last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after) = (
			select c.last_message_id, c.last_direction, c.last_medium, c.last_preview, c.last_created_at, c.last_send_after
			where later.unread > 0
			union all (
				select id, direction, medium, case when private_body is null then left(body, 140) else '' end, created_at, send_after
				from messenger_messages
				where channel_id = @channel and delivery_status <> 'cancelled' and later.unread = 0
				order by seq desc limit 1))
	from later
	where c.id = @channel and exists (select from replies)
)
select count(*) from replies
