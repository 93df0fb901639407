select coalesce((select i.unread from messenger_inboxes i
		where i.organisation_id = @organisation and i.staff_id = @staff), 0) as unread,
	(select count(*) from (
		select from messenger_channels c
		where c.organisation_id = @organisation and c.staff_id = @staff and c.last_reply_seq > c.done_seq
			and c.moved_to is null
		limit 1000) c) as total
