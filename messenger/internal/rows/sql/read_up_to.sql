-- Marks a locked channel's replies up to a place as read, counts what is left, and says how many there were.
with replies as (
	update messenger_messages set read_at = @now, read_by = @staff
	where channel_id = @channel and seq <= @seq and direction = 'inbound' and read_at is null
	returning id
), later as (
	update messenger_channels set unread_count = (
		select count(*) from messenger_messages
		where channel_id = @channel and seq > @seq and direction = 'inbound' and read_at is null)
	where id = @channel and exists (select from replies)
)
select count(*) from replies
