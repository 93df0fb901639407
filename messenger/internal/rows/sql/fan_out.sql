-- Makes the messages of a batch, each with its place in a channel, which is made when it is missing, and the history of
-- both.
with w as (
	select * from unnest(@clients::text[], @names::text[], @folded::text[], @channels::text[]::uuid[], @nonces::bytea[],
		@keys::text[],
		@lookups::bytea[], @created::text[]::uuid[], @messages::text[]::uuid[], @sent::text[]::uuid[],
			@used::text[]::uuid[], @subjects::text[],
			@bodies::text[],
		@words::text[], @addresses::text[], @created_tags::bytea[], @sent_tags::bytea[], @used_tags::bytea[],
			@private_subjects::text[], @private_bodies::text[], @neutrals::boolean[])
		w (client, name, folded, channel, nonce, key, lookup, created, message, sent, used, subject, body, words, address,
			created_tag, sent_tag, used_tag, private_subject, private_body, neutral)
), channels as (
	insert into messenger_channels as c (id, organisation_id, staff_id, staff_name, client_id, client_name,
		client_name_folded, status,
		last_seq, last_at, done_seq, replies_off_why, replies_off_at, link_nonce, link_key_id, link_lookup, created_at,
			updated_at,
		last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after)
	select channel, @organisation, @staff, @staff_name, client, name, folded, @then,
		1, @now, (@then = 'done')::int, @replies_off_why, @replies_off_at, nonce, key, lookup, @now, @now,
		message, 'outbound', @medium, case when private_body is null then left(body, 140) else '' end, @now,
		@send_after::timestamptz
	from w
	on conflict (organisation_id, staff_id, client_id) where moved_to is null do update
		set last_seq = c.last_seq + 1, last_at = greatest(c.last_at, @now), updated_at = @now,
			(last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after) = (
				select c.last_message_id, c.last_direction, c.last_medium, c.last_preview, c.last_created_at, c.last_send_after
				where c.unread_count > 0
				union all select excluded.last_message_id, excluded.last_direction, excluded.last_medium,
					excluded.last_preview, excluded.last_created_at, excluded.last_send_after
				where c.unread_count = 0)
	returning c.id, c.client_id, c.last_seq
), placed as (
	select w.*, c.id, c.last_seq from w join channels c on c.client_id = w.client
), messages as (
	insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body,
		words,
		author_kind, author_id, author_name, created_at, send_after, send_local, send_zone, reply_link,
		to_address, delivery_status, record_status,
		online_viewing, broadcast_id, private_subject, private_body, neutral,
		template_id, template_version, expects, expect_by, awaiting, awaiting_due)
	select message, @organisation, @staff, id, last_seq, 'outbound', @medium, subject, body,
		array_to_tsvector(string_to_array(words, ' ')), 'staff', @staff, @staff_name, @now, @send_after,
		@send_local, @send_zone, @reply_link, address,
		@delivery_status, @record_status, @online_viewing, @broadcast, private_subject, private_body, neutral,
		@template::uuid, @template_version::integer, @expects, @expect_by, @awaiting, @awaiting_due
	from placed
)
insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action,
	message_id, chain, key_id)
select created, @organisation, id, @now, 'staff', @staff, @staff_name, 'created', null, created_tag, @key_id
from placed where id = channel -- the new ones alone have their proposed id
union all
select sent, @organisation, id, @now, 'staff', @staff, @staff_name, 'sent', message, sent_tag, @key_id from placed
union all
select used, @organisation, id, @now, 'staff', @staff, @staff_name, 'template_used', message, used_tag, @key_id
from placed where @template::uuid is not null
