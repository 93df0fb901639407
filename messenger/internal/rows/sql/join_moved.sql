-- Says of a channel, and of those that were joined with it before, what they became.
update messenger_channels set moved_to = @into,
	unread_count = case when id = @from then 0 else unread_count end,
	link_locked = false,
	reply_flood = false,
	updated_at = case when id = @from then @now else updated_at end
where id = @from or moved_to = @from
