-- An inbox's counter row, and by small indexes what needs a person or is to go out later: no further than a thousand, in the order of the
-- index, so that a broadcast that failed as a whole does not make each page count it.
with overdue as (
	select distinct channel_id from messenger_messages
	where organisation_id = @organisation and staff_id = @staff
		and direction = 'inbound' and read_at is null and overdue_at is not null
	order by channel_id limit 1000
), unanswered as (
	select distinct channel_id from messenger_messages
	where organisation_id = @organisation and staff_id = @staff
		and awaiting = 'waiting' and delivery_status in ('sent', 'delivered', 'unknown') and awaiting_due <= now()
	order by channel_id limit 1000
)
select coalesce(i.unread, 0) as unread, coalesce(i.open, 0) as open, coalesce(i.done, 0) as done,
	least(a.n + l.n + o.others + u.n, 1000) as attention, o.n as overdue, s.n as scheduled, e.n as awaiting,
	-- whether more has to be asked: see coveredAbsences
	exists (select from messenger_absences w
		where w.organisation_id = @organisation and w.cover_staff_id = @staff and w.ended_at is null
			and (w.ends_at is null or w.ends_at > now()))
	or exists (select from messenger_leavers g
		join messenger_inboxes n on n.organisation_id = g.organisation_id and n.staff_id = g.staff_id
		where g.organisation_id = @organisation and n.unread + n.open + n.done > 0) as covers
from (select count(*) n from (
		select distinct a.channel_id from messenger_messages a
		where a.organisation_id = @organisation and a.staff_id = @staff
			and (a.delivery_attention is not null or a.record_attention is not null)
		order by a.channel_id limit 1000) a) a,
	(select count(*) n from (
		select from messenger_channels c
		where c.organisation_id = @organisation and c.staff_id = @staff and (c.link_locked or c.reply_flood)
			and not exists (select from messenger_messages a
				where a.organisation_id = c.organisation_id and a.staff_id = c.staff_id and a.channel_id = c.id
					and (a.delivery_attention is not null or a.record_attention is not null))
		limit 1000) l) l,
	(select count(*) n, count(*) filter (where not c.link_locked and not c.reply_flood
			and not exists (select from messenger_messages a
				where a.organisation_id = c.organisation_id and a.staff_id = c.staff_id and a.channel_id = c.id
					and (a.delivery_attention is not null or a.record_attention is not null))) others
		from overdue join messenger_channels c on c.id = overdue.channel_id) o,
	(select count(*) n from unanswered join messenger_channels c on c.id = unanswered.channel_id
		where not c.link_locked and not c.reply_flood and not exists (select from overdue where channel_id = c.id)
			and not exists (select from messenger_messages a
				where a.organisation_id = c.organisation_id and a.staff_id = c.staff_id and a.channel_id = c.id
					and (a.delivery_attention is not null or a.record_attention is not null))) u,
	(select count(*) n from (
		select distinct s.channel_id from messenger_messages s
		where s.organisation_id = @organisation and s.staff_id = @staff and s.delivery_status = 'scheduled'
		order by s.channel_id limit 1000) s) s,
	(select count(*) n from (
		select distinct w.channel_id from messenger_messages w
		where w.organisation_id = @organisation and w.staff_id = @staff
			and w.awaiting = 'waiting' and w.delivery_status <> 'cancelled'
		order by w.channel_id limit 1000) w) e
left join messenger_inboxes i on i.organisation_id = @organisation and i.staff_id = @staff
