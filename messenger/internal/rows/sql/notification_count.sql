select coalesce((select i.unread from messenger_inboxes i
		where i.organisation_id = @organisation and i.staff_id = @staff), 0) as unread,
	least(1000, (select count(*) from (
		select from messenger_channels c
		where c.organisation_id = @organisation and c.staff_id = @staff and c.last_reply_seq > c.done_seq
			and c.moved_to is null
		limit 1000) c) + (select count(*) from (
		select from messenger_messages w join messenger_channels c on c.id = w.channel_id and c.moved_to is null
		where w.organisation_id = @organisation and w.staff_id = @staff
			and w.delivery_attention in ('delivery_failed', 'delivery_unknown')
			and not exists (select from messenger_messages n where n.organisation_id = w.organisation_id
				and n.staff_id = w.staff_id and n.channel_id = w.channel_id
				and n.delivery_attention in ('delivery_failed', 'delivery_unknown')
				and (n.created_at, n.id) > (w.created_at, w.id))
		limit 1000) w)) as total,
	exists (select from messenger_absences w
		where w.organisation_id = @organisation and w.cover_staff_id = @staff and w.ended_at is null
			and (w.ends_at is null or w.ends_at > now()))
	or exists (select from messenger_leavers g
		join messenger_inboxes n on n.organisation_id = g.organisation_id and n.staff_id = g.staff_id
		where g.organisation_id = @organisation and n.unread + n.open + n.done > 0) as covers
