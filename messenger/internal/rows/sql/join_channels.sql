-- Has a channel be what two were, once it has the messages of both: unread if either was, else open if either was: that
-- is the order in which they sort. It stands in the notification centre if either did. What a link has against it counts for both links.
update messenger_channels c set
	status = greatest(c.status, f.status),
	last_seq = @behind + r.messages,
	last_at = greatest(c.last_at, f.last_at),
	last_reply_seq = r.last_reply_seq,
	last_reply_at = greatest(c.last_reply_at, f.last_reply_at),
	done_seq = case when c.last_reply_seq > c.done_seq or f.last_reply_seq > f.done_seq then 0
		else @behind + r.messages end,
	unread_count = r.unread,
	link_seq = @behind + r.messages,
	wrong_dates = greatest(c.wrong_dates, f.wrong_dates),
	wrong_dates_ever = greatest(c.wrong_dates_ever, f.wrong_dates_ever),
	locked_until = greatest(c.locked_until, f.locked_until),
	link_locked = c.link_locked or f.link_locked,
	reply_flood = c.reply_flood or f.reply_flood,
	updated_at = @now
from messenger_channels f, (
	select count(*) as messages, coalesce(max(seq) filter (where direction = 'inbound' and unassigned_at is null), 0)
			as last_reply_seq,
		count(*) filter (where direction = 'inbound' and read_at is null) as unread
	from messenger_messages where channel_id = @into
) r
where c.id = @into and f.id = @from
