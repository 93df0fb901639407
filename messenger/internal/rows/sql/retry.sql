-- A failed one is a new decision, with a reference of its own: a carrier would drop the old one as a repeat.
update messenger_messages set delivery_status = @status, delivery_reason = '', to_address = @address,
	sends = sends + (delivery_status = 'failed')::int,
	via = case when delivery_status = 'failed' then '' else via end,
	provider_id = case when delivery_status = 'failed' then '' else provider_id end, attempt_id = null,
	attempt_until = null, send_after = null,
	unclear_at = case when delivery_status = 'unknown' then attempt_at end,
	first_tried_at = case when delivery_status = 'unknown' then first_tried_at end,
	record_status = case when record_reason in ('never_sent', 'delivery_unknown') and record_status = 'not_required'
		then 'pending' else record_status end,
	record_reason = case when record_reason = 'never_sent' then '' else record_reason end
where id = @id and delivery_status in ('failed', 'unknown')
