-- Writes that a provider took a message, for the attempt that gave it. A callback may have said already that it was
-- delivered. Where the database was away for longer than the lease, another attempt may have found that nobody knows:
-- now somebody does.
update messenger_messages
set delivery_status = case when @delivered or delivery_status = 'delivered' then 'delivered' else 'sent' end,
	delivery_reason = '',
	delivery_attention = null,
	sent_at = coalesce(sent_at, @at),
	delivered_at = case when @delivered then @at else delivered_at end,
	via = @via,
	provider_id = @provider_id,
	sent_text = @text,
	attempt_id = null,
	attempt_until = null
where id = @id and sends = @sends and (attempt_id = @attempt and delivery_status in ('sending', 'delivered')
	or attempt_id is distinct from @attempt and delivery_status in ('sending', 'unknown'))
returning record_status
