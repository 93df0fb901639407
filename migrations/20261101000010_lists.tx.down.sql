alter table messenger_channels
	drop column unread_count,
	drop column last_message_id,
	drop column last_direction,
	drop column last_medium,
	drop column last_preview,
	drop column last_created_at;
