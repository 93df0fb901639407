-- Writes what the end of a delivery means for its message. What was never sent is not filed: a failed message has
-- nothing to file, and one whose outcome is unknown is filed once somebody says that it was sent.
update messenger_messages
set delivery_reason = @reason,
	delivery_attention = @attention,
	record_status = case
		when record_status = 'pending' and sent_at is null and @status = 'failed' then 'not_required'
		else record_status end,
	record_reason = case
		when record_status = 'pending' and sent_at is null and @status = 'failed' then 'never_sent'
		when record_status = 'pending' and sent_at is null then 'delivery_unknown'
		else record_reason end
where id = @id
returning record_status
