-- Writes that the record took a message. What it says of the delivery then may be the truth no more: the status is
-- returned, or that it was taken out of its channel, or withdrawn.
update messenger_messages
set record_status = @status,
	record_reason = '',
	record_attention = null,
	record_reference = @reference,
	record_version = @version,
	record_filed_status = @filed_status,
	record_saved_at = coalesce(record_saved_at, @at),
	online_viewing = @online_viewing
where id = @id and record_status in ('pending', 'saved', 'amended')
returning case when unassigned_at is null and withdrawn_at is null then delivery_status else 'withdrawn' end
