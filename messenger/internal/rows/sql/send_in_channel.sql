-- Gives a message its place under the channel's row lock, writes its history and forgets the draft, in one statement that travels
-- with BEGIN: on this path round trips cost as much as the work.
with channel as (
	update messenger_channels c set last_seq = last_seq + 1, last_at = greatest(last_at, @now), updated_at = @now,
		last_message_id = @id, last_direction = 'outbound', last_medium = @medium, last_preview = left(@body, 140),
		last_created_at = @now
	where id = @channel and organisation_id = @organisation and moved_to is null
	returning c.*, false as created
), message as (
	insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body, words, purpose,
		author_kind, author_id, author_name, created_at, send_after, idempotency_key, idempotency_hash, reply_link,
		override_reason, to_address, delivery_status, record_status, online_viewing)
	select @id, organisation_id, staff_id, id, last_seq, 'outbound', @medium, @subject, @body, array_to_tsvector(@words::text[]),
		@purpose, 'staff', @author, @author_name, @now, @send_after, @key, @hash, @reply_link,
		@override_reason, @to_address, @delivery_status, @record_status, @online_viewing
	from channel
), history as (
	insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of, action,
		message_id, note)
	select @history, organisation_id, id, @now, 'staff', @author, @author_name, @on_behalf_of, 'sent', @id, @override_reason
	from channel
), draft as (
	delete from messenger_drafts d using channel c
	where d.organisation_id = c.organisation_id and d.staff_id = @author and d.client_id = c.client_id
)
select c.id, c.organisation_id, c.staff_id, c.staff_name, c.client_id, c.client_name, c.status, c.last_seq, c.last_reply_seq,
	c.replies_off_why, c.replies_off_by, c.replies_off_at, c.link_nonce, c.link_key_id, c.link_lookup, c.wrong_dates, c.locked_until,
	c.created_at, c.created
from channel c
