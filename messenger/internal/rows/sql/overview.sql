-- The figures of some inboxes, by client, since what the asker may see is counted of these: the channels that are unread
-- and since when, those that need a person, and the messages that are still to go out. One whose time is long over
-- needs a person though no worker has said so: there may be none. One of a broadcast may stand on its way for long.
select w.staff_id, r.client_id, count(*) filter (where r.what = 'unread')::int as unread, min(r.at) as oldest_unread,
	count(*) filter (where r.overdue)::int as overdue,
	count(distinct r.channel_id) filter (where r.what in ('attention', 'unanswered') or r.overdue)::int as attention,
	count(*) filter (where r.what = 'scheduled')::int as scheduled,
	count(distinct r.channel_id) filter (where r.what in ('awaiting', 'unanswered'))::int as awaiting
from unnest(@inboxes::text[]) w (staff_id)
cross join lateral (
	select 'unread' as what, c.client_id, c.id as channel_id, u.at, u.overdue
	from messenger_channels c cross join lateral (
		select min(m.created_at) as at, bool_or(m.overdue_at is not null) as overdue from messenger_messages m
		where m.channel_id = c.id and m.direction = 'inbound' and m.read_at is null) u
	where c.organisation_id = @organisation and c.staff_id = w.staff_id and c.status = 'unread' and c.moved_to is null
	union all
	select 'attention', c.client_id, c.id, null, false
	from messenger_channels c
	where c.organisation_id = @organisation and c.staff_id = w.staff_id and (c.link_locked or c.reply_flood)
		and c.moved_to is null
	union all
	select 'attention', c.client_id, c.id, null, false
	from messenger_messages m join messenger_channels c on c.id = m.channel_id and c.moved_to is null
	where m.organisation_id = @organisation and m.staff_id = w.staff_id
		and (m.delivery_attention is not null or m.record_attention is not null)
	union all
	select case when m.awaiting_due <= now() and m.delivery_status in ('sent', 'delivered', 'unknown') then 'unanswered'
			else 'awaiting' end, c.client_id, c.id, null, false
	from messenger_messages m join messenger_channels c on c.id = m.channel_id and c.moved_to is null
	where m.organisation_id = @organisation and m.staff_id = w.staff_id
		and m.awaiting = 'waiting' and m.delivery_status <> 'cancelled'
	union all
	select case when due.at < now() - interval '10 minutes' then 'attention' else 'scheduled' end,
		c.client_id, c.id, null, false
	from messenger_messages m join messenger_channels c on c.id = m.channel_id and c.moved_to is null
	cross join lateral (select greatest(m.send_after,
		case m.delivery_waiting when 'safe_hours' then coalesce(m.delivery_waiting_until, 'infinity') end) as at) due
	where m.organisation_id = @organisation and m.staff_id = w.staff_id and m.delivery_status = 'scheduled'
	union all
	select 'attention', c.client_id, c.id, null, false
	from messenger_messages m join messenger_channels c on c.id = m.channel_id and c.moved_to is null
	cross join lateral (select greatest(m.created_at, m.send_after,
		case m.delivery_waiting when 'safe_hours' then coalesce(m.delivery_waiting_until, 'infinity') end) as at) due
	where m.organisation_id = @organisation and m.staff_id = w.staff_id and m.broadcast_id is null
		and m.delivery_status in ('queued', 'sending') and m.created_at < now() - interval '10 minutes'
		and due.at < now() - interval '10 minutes') r
group by w.staff_id, r.client_id
