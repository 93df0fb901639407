-- Gives a message its place under its channel's row lock, writes its history and forgets the draft, in one statement
-- that travels with BEGIN: on this path round trips cost as much as the work. The channel is one there is (@channel),
-- or the own one of the author with a client (@client), which ensure_channel has made just before when there was none.
-- Made in here, it would cost every send a quarter more.
with channel as (
	update messenger_channels c set last_seq = last_seq + 1, last_at = greatest(last_at, @now), updated_at = @now,
		(last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after) = (
			select c.last_message_id, c.last_direction, c.last_medium, c.last_preview, c.last_created_at, c.last_send_after
			where c.unread_count > 0 -- words of a client are shown until they are read
			union all select @id, 'outbound', @medium, left(@preview::text, 140), @now, @send_after where c.unread_count = 0)
	where id = coalesce(@channel::uuid, (select own.id from messenger_channels own
			where own.organisation_id = @organisation and own.staff_id = @author and own.client_id = @client
				and own.moved_to is null))
		and organisation_id = @organisation and staff_id = @owner and moved_to is null
	returning c.*
), message as (
	insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body,
		words,
		purpose, author_kind, author_id, author_name, created_at, send_after, idempotency_key, idempotency_hash, reply_link,
		override_reason, to_address, delivery_status, record_status, online_viewing, private_subject, private_body,
		send_local, send_zone, unless, template_id, template_version,
		expects, expect_by, awaiting, awaiting_due,
		safe_lifted, neutral, delivery_waiting, delivery_waiting_until)
	select @id, organisation_id, staff_id, id, last_seq, 'outbound', @medium, @subject, @body,
		array_to_tsvector(@words::text[]), @purpose, 'staff', @author, @author_name, @now, @send_after, @key, @hash,
		@reply_link, @override_reason, @to_address, @delivery_status, @record_status, @online_viewing,
		@private_subject, @private_body, @send_local, @send_zone, @unless,
		@template::uuid, @template_version::integer, @expects, @expect_by, @awaiting, @awaiting_due,
		@safe_lifted::boolean, @neutral::boolean, @waiting, @waiting_until::timestamptz
	from channel
), history as (
	insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of,
		action, message_id, note, chain, key_id)
	select @history, organisation_id, id, @now, 'staff', @author, @author_name, @on_behalf_of, 'sent', @id,
		@note, @tag::bytea, @key_id
	from channel
), draft as (
	delete from messenger_drafts d using channel c
	where d.organisation_id = c.organisation_id and d.staff_id = @author and d.client_id = c.client_id
		and @reminds::uuid is null -- a reminder is not what they were writing
)
select c.id, c.organisation_id, c.staff_id, c.staff_name, c.client_id, c.client_name, c.status, c.last_seq,
	c.last_reply_seq,
	c.replies_off_why, c.replies_off_by, c.replies_off_at, c.link_nonce, c.link_key_id, c.link_lookup, c.link_seq,
	c.wrong_dates, c.locked_until, c.created_at
from channel c
