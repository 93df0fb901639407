-- What needs a person in some inboxes, the newest first, after where a page begins: one row a message, one a channel
-- whose link does, and one a channel for the first of its replies that is overdue. A row with two reasons is listed
-- once, under the one that was asked for, else under the first. What waits for a pause is not listed for that, since the
-- pause stands for all of it: paused has what they are of. With failed it is only messages that have failed, or of which
-- nobody knows, and that nobody has tried again since. What should have gone out ten minutes ago waits though no worker
-- has said so, as in overview: there may be none. A reason is added here and in attention_counts.
select r.id, r.reason, r.since, c.staff_id, c.client_id, c.id as channel_id, r.is_message, r.resolvable
from unnest(@inboxes::text[]) w (staff_id)
cross join lateral (
	(select m.id, m.channel_id, true as is_message, true as resolvable,
		coalesce(m.attention_since, m.created_at) as since,
		coalesce(nullif(@reason::text, ''), a.delivery, a.record) as reason
	from messenger_messages m
	cross join lateral (select
		case when m.delivery_attention <> 'waiting' or case m.delivery_waiting when 'directory' then 'directory'
			else m.medium end <> all(@paused::text[]) then m.delivery_attention end as delivery,
		case when m.record_attention <> 'waiting' or case m.record_waiting when 'directory' then 'directory'
			else 'record' end <> all(@paused::text[]) then m.record_attention end as record) a
	where m.organisation_id = @organisation and m.staff_id = w.staff_id
		and (m.delivery_attention is not null or m.record_attention is not null)
		and coalesce(a.delivery, a.record) is not null and (@reason::text = '' or @reason in (a.delivery, a.record))
		and (@broadcast::uuid is null or m.broadcast_id = @broadcast)
		and (not @failed::bool or m.delivery_status in ('failed', 'unknown') and a.delivery is not null)
		and (coalesce(m.attention_since, m.created_at), m.id) < (@at::timestamptz, @before::uuid)
	order by coalesce(m.attention_since, m.created_at) desc, m.id desc limit @limit)
	union all
	(select l.id, l.id, false, l.reply_flood or l.wrong_dates_ever < @wrong_dates,
		coalesce(l.attention_since, l.created_at),
		coalesce(nullif(@reason::text, ''), case when l.link_locked then 'link_locked' else 'reply_flood' end)
	from messenger_channels l
	where l.organisation_id = @organisation and l.staff_id = w.staff_id and (l.link_locked or l.reply_flood)
		and (@reason::text = '' or @reason = 'link_locked' and l.link_locked or @reason = 'reply_flood' and l.reply_flood)
		and @broadcast::uuid is null
		and (coalesce(l.attention_since, l.created_at), l.id) < (@at::timestamptz, @before::uuid)
	order by coalesce(l.attention_since, l.created_at) desc, l.id desc limit @limit)
	union all
	(select o.id, o.channel_id, true, false, o.overdue_at, 'reply_overdue'
	from messenger_messages o
	cross join lateral (select
		case when o.delivery_attention <> 'waiting' or case o.delivery_waiting when 'directory' then 'directory'
			else o.medium end <> all(@paused::text[]) then o.delivery_attention end as delivery,
		case when o.record_attention <> 'waiting' or case o.record_waiting when 'directory' then 'directory'
			else 'record' end <> all(@paused::text[]) then o.record_attention end as record) a
	where o.organisation_id = @organisation and o.staff_id = w.staff_id
		and o.direction = 'inbound' and o.read_at is null and o.overdue_at is not null
		and not exists (select from messenger_messages e
			where e.organisation_id = o.organisation_id and e.staff_id = o.staff_id and e.channel_id = o.channel_id
				and e.direction = 'inbound' and e.read_at is null and e.overdue_at is not null
				and (e.overdue_at, e.id) < (o.overdue_at, o.id))
		and (@reason::text = 'reply_overdue' or @reason = '' and coalesce(a.delivery, a.record) is null)
		and @broadcast::uuid is null and (o.overdue_at, o.id) < (@at::timestamptz, @before::uuid)
	order by o.overdue_at desc, o.id desc limit @limit)
	union all
	(select e.id, e.channel_id, true, true, e.awaiting_due, 'answer_overdue'
	from messenger_messages e
	cross join lateral (select
		case when e.delivery_attention <> 'waiting' or case e.delivery_waiting when 'directory' then 'directory'
			else e.medium end <> all(@paused::text[]) then e.delivery_attention end as delivery,
		case when e.record_attention <> 'waiting' or case e.record_waiting when 'directory' then 'directory'
			else 'record' end <> all(@paused::text[]) then e.record_attention end as record) a
	where e.organisation_id = @organisation and e.staff_id = w.staff_id
		and e.awaiting = 'waiting' and e.delivery_status in ('sent', 'delivered', 'unknown') and e.awaiting_due <= now()
		and (@reason::text = 'answer_overdue' or @reason = '' and coalesce(a.delivery, a.record) is null)
		and not @failed
		and (@broadcast::uuid is null or e.broadcast_id = @broadcast)
		and (e.awaiting_due, e.id) < (@at::timestamptz, @before::uuid)
	order by e.awaiting_due desc, e.id desc limit @limit)
	union all
	(select s.id, s.channel_id, true, false, due.at, 'waiting'
	from messenger_messages s
	cross join lateral (select greatest(s.created_at, s.send_after,
		case s.delivery_waiting when 'safe_hours' then coalesce(s.delivery_waiting_until, 'infinity') end) as at) due
	where s.organisation_id = @organisation and s.staff_id = w.staff_id
		and (s.delivery_status = 'scheduled' or s.delivery_status in ('queued', 'sending') and s.broadcast_id is null)
		and s.created_at < now() - interval '10 minutes' and due.at < now() - interval '10 minutes'
		and s.delivery_attention is null and s.medium <> all(@paused::text[])
		and (@reason::text = 'waiting' or @reason = '' and s.record_attention is null) and not @failed
		and (@broadcast::uuid is null or s.broadcast_id = @broadcast)
		and (due.at, s.id) < (@at::timestamptz, @before::uuid)
	order by due.at desc, s.id desc limit @limit)) r
join messenger_channels c on c.id = r.channel_id and c.organisation_id = @organisation and c.moved_to is null
order by r.since desc, r.id desc limit @limit
