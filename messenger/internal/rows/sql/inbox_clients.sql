-- Whose channels an inbox has, and how each is counted: what a colleague may see is counted of these.
select c.client_id, c.status, o.channel_id is not null as overdue, s.channel_id is not null as scheduled,
	w.channel_id is not null as awaiting,
	(c.link_locked or c.reply_flood or a.channel_id is not null or o.channel_id is not null
		or coalesce(w.overdue, false)) as attention
from messenger_channels c
left join (select distinct channel_id from messenger_messages
	where organisation_id = @organisation and staff_id = @staff
		and (delivery_attention is not null or record_attention is not null)) a on a.channel_id = c.id
left join (select distinct channel_id from messenger_messages
	where organisation_id = @organisation and staff_id = @staff
		and direction = 'inbound' and read_at is null and overdue_at is not null) o on o.channel_id = c.id
left join (select distinct channel_id from messenger_messages
	where organisation_id = @organisation and staff_id = @staff and delivery_status = 'scheduled') s on s.channel_id = c.id
left join (select channel_id,
		bool_or(awaiting_due <= now() and delivery_status in ('sent', 'delivered', 'unknown')) as overdue
	from messenger_messages
	where organisation_id = @organisation and staff_id = @staff
		and awaiting = 'waiting' and delivery_status <> 'cancelled'
	group by channel_id) w on w.channel_id = c.id
where c.organisation_id = @organisation and c.staff_id = @staff and c.moved_to is null
