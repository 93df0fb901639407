-- What needs a person in some inboxes, counted by client and reason: what the asker may see is counted of these. A row
-- with two reasons counts for both. What is listed is what attention has.
select c.staff_id, c.client_id, r.reason, count(*)::int as n
from unnest(@inboxes::text[]) w (staff_id)
cross join lateral (
	select m.channel_id, k.reason
	from messenger_messages m
	cross join lateral (values
		(case when m.delivery_attention <> 'waiting' or case m.delivery_waiting when 'directory' then 'directory'
			else m.medium end <> all(@paused::text[]) then m.delivery_attention end),
		(case when m.record_attention <> 'waiting' or case m.record_waiting when 'directory' then 'directory'
			else 'record' end <> all(@paused::text[]) then m.record_attention end)) k (reason)
	where m.organisation_id = @organisation and m.staff_id = w.staff_id
		and (m.delivery_attention is not null or m.record_attention is not null) and k.reason is not null
		and (@broadcast::uuid is null or m.broadcast_id = @broadcast)
	union all
	select l.id, k.reason
	from messenger_channels l
	cross join lateral (values
		(case when l.link_locked then 'link_locked' end), (case when l.reply_flood then 'reply_flood' end)) k (reason)
	where l.organisation_id = @organisation and l.staff_id = w.staff_id and (l.link_locked or l.reply_flood)
		and k.reason is not null and @broadcast::uuid is null
	union all
	select distinct o.channel_id, 'reply_overdue'
	from messenger_messages o
	where o.organisation_id = @organisation and o.staff_id = w.staff_id
		and o.direction = 'inbound' and o.read_at is null and o.overdue_at is not null and @broadcast::uuid is null
	union all
	select e.channel_id, 'answer_overdue'
	from messenger_messages e
	where e.organisation_id = @organisation and e.staff_id = w.staff_id
		and e.awaiting = 'waiting' and e.delivery_status in ('sent', 'delivered', 'unknown') and e.awaiting_due <= now()
		and (@broadcast::uuid is null or e.broadcast_id = @broadcast)
	union all
	select s.channel_id, 'waiting'
	from messenger_messages s
	where s.organisation_id = @organisation and s.staff_id = w.staff_id
		and (s.delivery_status = 'scheduled' or s.delivery_status in ('queued', 'sending') and s.broadcast_id is null)
		and s.created_at < now() - interval '10 minutes' and greatest(s.created_at, s.send_after,
			case s.delivery_waiting when 'safe_hours' then coalesce(s.delivery_waiting_until, 'infinity') end)
			< now() - interval '10 minutes'
		and s.delivery_attention is null and s.medium <> all(@paused::text[])
		and (@broadcast::uuid is null or s.broadcast_id = @broadcast)) r
join messenger_channels c on c.id = r.channel_id and c.organisation_id = @organisation and c.moved_to is null
group by c.staff_id, c.client_id, r.reason
