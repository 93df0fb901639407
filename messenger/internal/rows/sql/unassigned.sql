-- Has a locked channel's row count what is left in it once a text was taken out again. What was unread only for it is
-- open: somebody looks again whether there is more to do.
update messenger_channels c
set status = case when c.status = 'unread' and r.unread = 0 then 'open' else c.status end,
	last_reply_seq = r.last_seq,
	last_reply_at = r.last_at,
	unread_count = r.unread,
	updated_at = @now
from (
	select coalesce(max(seq), 0) as last_seq, max(created_at) as last_at, count(*) filter (where read_at is null) as unread
	from messenger_messages where channel_id = @channel and direction = 'inbound' and unassigned_at is null
) r
where c.id = @channel
